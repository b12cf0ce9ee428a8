package io.switchboard.client;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.DataInputStream;
import java.io.InputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What ordinary applications can rely on: the client needs Java 17, and nothing else. */
@Tag("slow") // looks at the jar of this module
class ArchitectureTest {
    private static final int JAVA_17 = 61;

    // Only what goes into the jar.
    private static final JavaClasses CLIENT = new ClassFileImporter()
            .importUrl(Switchboard.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void needsNothingButTheJdk() {
        assertThat(CLIENT).hasSizeGreaterThan(20);
        classes()
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("io.switchboard.client", "java..", "javax.net.ssl", "org.jspecify.."))
                .because("it goes into applications that have their own libraries: write what is missing")
                .check(CLIENT);
    }

    @Test
    void blocksNobodyAndHoldsNoMonitor() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Object.class, "wait")
                .because("the loop is one thread for all: use its timers")
                .check(CLIENT);
        assertThat(CLIENT.stream().flatMap(each -> each.getMethods().stream()).filter(method -> method.getModifiers()
                        .contains(com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED)))
                .isEmpty();
    }

    @Test
    void isByteCodeOfJava17() throws Exception {
        try (InputStream in = Switchboard.class.getResourceAsStream("Switchboard.class");
                DataInputStream data = new DataInputStream(java.util.Objects.requireNonNull(in))) {
            data.readInt();
            data.readUnsignedShort();
            assertThat(data.readUnsignedShort()).isEqualTo(JAVA_17);
        }
    }
}
