package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The public conformance tool of HTTP/2, h2spec, with its strict cases too. */
@Tag("slow") // it starts a program
class H2SpecTest {
    private static final String TOOL = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final String CASES = "146"; // of version 2.2.0
    private static final Pattern RESULT = Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");

    @TempDir
    private Path folder;

    private String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(List.of(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    @Test
    void allCasesPass() throws IOException, InterruptedException {
        boolean runs = System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64");
        assumeTrue(runs, "h2spec is a program for Linux on x86-64");
        try (InputStream tool = H2SpecTest.class.getResourceAsStream(TOOL)) {
            assumeTrue(tool != null, "h2spec is not to be had here");
            Files.copy(tool, folder.resolve("h2spec.tar.gz"));
        }
        run("tar", "xzf", "h2spec.tar.gz");
        try (TestServer server = TestServer.start()) {
            String report = run(
                    folder.resolve("h2spec").toString(), "--strict", "--timeout", "5", "--port", "" + server.port());
            Matcher result = RESULT.matcher(report);
            assertThat(result.find()).as(report).isTrue();
            assertThat(result.group(4)).as(report).isEqualTo("0");
            assertThat(result.group(2)).as(report).isEqualTo(CASES);
        }
    }
}
