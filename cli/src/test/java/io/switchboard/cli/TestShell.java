package io.switchboard.cli;

import io.switchboard.cli.channel.Time;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/** Shells for tests: nothing in them is a terminal unless said otherwise. */
final class TestShell {
    private TestShell() {}

    static Shell with(Map<String, String> environment) {
        return new Shell(environment, in(""), OutputStream.nullOutputStream(), Set.of(), Time.REAL);
    }

    static InputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
