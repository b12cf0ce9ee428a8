package io.switchboard.server.config;

import java.nio.file.Path;

/** Where a line for each request goes. */
public sealed interface AccessLogTo {
    record Nowhere() implements AccessLogTo {}

    record Stdout() implements AccessLogTo {}

    /** At the end of a file. */
    record File(Path path) implements AccessLogTo {}

    /** @throws IllegalArgumentException if it is no path */
    static AccessLogTo parse(String text) {
        return switch (text) {
            case "off" -> new Nowhere();
            case "stdout" -> new Stdout();
            case "" -> throw new IllegalArgumentException("empty path");
            default -> new File(Path.of(text));
        };
    }

    /** As {@link #parse} reads it. */
    default String written() {
        return switch (this) {
            case Nowhere() -> "off";
            case Stdout() -> "stdout";
            case File(Path path) -> path.toString();
        };
    }
}
