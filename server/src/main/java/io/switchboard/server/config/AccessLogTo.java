package io.switchboard.server.config;

import java.nio.file.Path;

/** Where a line for each request goes. */
public sealed interface AccessLogTo {
    record Nowhere() implements AccessLogTo {
        @Override
        public String written() {
            return "off";
        }
    }

    record Stdout() implements AccessLogTo {
        @Override
        public String written() {
            return "stdout";
        }
    }

    /** At the end of a file. */
    record File(Path path) implements AccessLogTo {
        @Override
        public String written() {
            return path.toString();
        }
    }

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
    String written();
}
