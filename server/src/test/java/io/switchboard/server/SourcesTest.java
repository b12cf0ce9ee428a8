package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of the house that only the sources of all modules can tell. Each says what to do instead. */
class SourcesTest {
    private static final int CODE_LINES_MAX = 500;
    private static final Pattern SLEEP = Pattern.compile("\\.sleep\\(");
    private static final Pattern PROGRAM =
            Pattern.compile("\\b(new ProcessBuilder\\(|Redis(Server|Cluster)\\.\\w+\\(|Ground\\.\\w+\\()");
    private static final Pattern SLOW_CLASS = Pattern.compile("(?m)^@Tag\\(\"slow\"\\)");
    private static final Pattern MOCKITO = Pattern.compile("(?m)^import (static )?org\\.mockito");
    private static final Pattern OPEN_END = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");

    private record Source(Path path, String text) {
        boolean isTest() {
            return path.toString().contains("/src/test/") || path.startsWith("testkit");
        }

        String className() {
            return path.getFileName().toString().replace(".java", "");
        }

        // Without what tells about code, so that nobody saves on comments.
        long codeLines() {
            return text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .filter(line -> !line.startsWith("//") && !line.startsWith("*") && !line.startsWith("/*"))
                    .filter(line -> !line.startsWith("import ") && !line.startsWith("package "))
                    .count();
        }
    }

    private static final Path ROOT = root();
    private static final List<Source> SOURCES = sources();

    // Tests run in the folder of their module.
    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("core"))
                ? here
                : here.resolve("..").normalize();
    }

    private static List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.sorted().toList()) {
                for (String folder : List.of("src/main/java", "src/test/java")) {
                    Path start = module.resolve(folder);
                    if (!Files.isDirectory(start)) continue;
                    try (Stream<Path> files = Files.walk(start)) {
                        for (Path file : files.filter(f -> f.toString().endsWith(".java"))
                                .toList()) {
                            sources.add(new Source(ROOT.relativize(file), Files.readString(file)));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sources;
    }

    private static List<Path> where(Predicate<Source> rule) {
        return SOURCES.stream().filter(rule).map(Source::path).toList();
    }

    @Test
    void sourcesOfAllModulesAreFound() {
        assertThat(SOURCES).as("source files below %s", ROOT).hasSizeGreaterThan(100);
        assertThat(where(source -> source.path().startsWith("core"))).isNotEmpty();
    }

    @Test
    void everyPackageIsNullMarked() {
        List<Path> unmarked = SOURCES.stream()
                .map(source -> source.path().getParent())
                .distinct()
                .filter(folder -> !isMarked(folder) && !isMarked(mainOf(folder)))
                .toList();
        assertThat(unmarked)
                .as("packages without a @NullMarked package-info: add one that says in two sentences the package's job"
                        + " and what it must not know")
                .isEmpty();
    }

    private static Path mainOf(Path folder) {
        return Path.of(folder.toString().replace("/src/test/", "/src/main/"));
    }

    private static boolean isMarked(Path folder) {
        Path info = folder.resolve("package-info.java");
        return SOURCES.stream()
                .anyMatch(source -> source.path().equals(info) && source.text().contains("@NullMarked"));
    }

    @Test
    void classesAreShort() {
        assertThat(where(source -> !source.isTest() && source.codeLines() > CODE_LINES_MAX))
                .as("files of more than %d lines of code: find the second class inside", CODE_LINES_MAX)
                .isEmpty();
    }

    @Test
    void testsDoNotSleep() {
        assertThat(where(source ->
                        source.isTest() && SLEEP.matcher(source.text()).find()))
                .as("tests that sleep: take time from a ManualTicker, or wait for what shall happen with Awaitility")
                .isEmpty();
    }

    @Test
    void testsThatStartAProgramAreSlow() {
        assertThat(where(source -> source.path().toString().endsWith("Test.java")
                        && PROGRAM.matcher(source.text()).find()
                        && !source.text().contains("@Tag(\"slow\")")
                        && !comesOfSlow(source)))
                .as("tests that start a program: tag them slow, so that ./test --fast leaves them out")
                .isEmpty();
    }

    private static boolean comesOfSlow(Source test) {
        return SOURCES.stream()
                .filter(other -> test.text().contains(" extends " + other.className() + " "))
                .anyMatch(other -> SLOW_CLASS.matcher(other.text()).find() || comesOfSlow(other));
    }

    @Test
    void nothingIsMocked() {
        assertThat(where(source -> MOCKITO.matcher(source.text()).find()))
                .as("tests with mocks: use the real part, or a fake of the testkit that passes the same contract")
                .isEmpty();
    }

    private static final Pattern CLIENT_ROOM = Pattern.compile("/cli/(channel|place|doctor)/");

    @Test
    void clientsOfTheCommandLineKnowNoServer() {
        Pattern others = Pattern.compile(
                "(?m)^import (static )?io\\.switchboard\\.(?!client\\.|cli\\.(channel|place|doctor)\\.)");
        assertThat(where(source -> !source.isTest()
                        && CLIENT_ROOM.matcher(source.path().toString()).find()
                        && others.matcher(source.text()).find()))
                .as("clients that know more than the protocol: what looks at a server from outside must not share its"
                        + " mistakes")
                .isEmpty();
    }

    @Test
    void nothingIsLeftForLater() {
        assertThat(where(source -> !source.path().endsWith("SourcesTest.java")
                        && OPEN_END.matcher(source.text()).find()))
                .as("open ends: finish them, or write them down where plans are kept")
                .isEmpty();
    }
}
