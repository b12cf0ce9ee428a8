package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example is compiled and run as a reader would, and the snippets of docs/clients-java.md compile. */
@Tag("slow")
class ExamplesTest {
    private static final Pattern SNIPPET = Pattern.compile("(?m)^```java\\n([^`]*)^```$");

    @TempDir
    private Path folder;

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("examples"))
                ? here
                : here.resolve("..").normalize();
    }

    private static String classes() throws Exception {
        return Path.of(Switchboard.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
    }

    @Test
    @Timeout(60)
    void theExampleShowsWhatItPublishes() throws Exception {
        try (Node node = Node.start()) {
            node.create("demo", Node.JSON);
            node.append("demo", Node.JSON, "{\"hello\":\"world\"}");
            Process example = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            classes(),
                            root().resolve("examples/Follow.java").toString(),
                            node.url().toString())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(example.getInputStream(), StandardCharsets.UTF_8))) {
                List<String> lines = new ArrayList<>();
                while (lines.size() < 2)
                    lines.add(Objects.requireNonNull(out.readLine(), () -> "ended after " + lines));
                assertThat(lines).containsExactly("{\"hello\":\"world\"}", "{\"hello\":\"from Java\"}");
            } finally {
                example.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void theSnippetsOfThePageCompile() throws Exception {
        String page = Files.readString(root().resolve("docs/clients-java.md"));
        List<String> snippets = SNIPPET.matcher(page)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
        assertThat(snippets).hasSizeGreaterThan(3);
        StringBuilder source = new StringBuilder("""
                import io.switchboard.client.*;
                import java.net.URI;
                import java.util.*;
                import java.util.concurrent.*;
                abstract class Snippets {
                    abstract CompletionStage<String> freshToken();
                    abstract void show(String text);
                    abstract Flow.Subscriber<Message> subscriber();
                """);
        for (int i = 0; i < snippets.size(); i++) {
            source.append("void snippet" + i + "(Switchboard client, String kept) throws Exception {\n")
                    .append(snippets.get(i))
                    .append("}\n");
        }
        Path file = folder.resolve("Snippets.java");
        Files.writeString(file, source.append("}\n"));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        assertThat(compiler.run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-cp",
                        classes(),
                        "-d",
                        folder.toString(),
                        file.toString()))
                .isZero();
    }
}
