package io.switchboard.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A file for browsers.
 *
 * @param path where its URL has it, such as {@code /assets/page.css}
 * @param contentType as {@code Content-Type} has it
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
public record WebFile(String path, String contentType, byte[] bytes) {
    // By name: a class path cannot be listed everywhere, and what is not named here is not served.
    private static final List<String> NAMES = List.of(
            "index.html",
            "assets/icon.svg",
            "assets/page.css",
            "assets/page.js",
            "assets/backoff.js",
            "assets/breaks.js",
            "assets/channel.js",
            "assets/checker.js",
            "assets/costs.js",
            "assets/credentials.js",
            "assets/desk.js",
            "assets/format.js",
            "assets/framing.js",
            "assets/laboratory.js",
            "assets/lines.js",
            "assets/many.js",
            "assets/meter.js",
            "assets/panel.js",
            "assets/publisher.js",
            "assets/server.js",
            "assets/sliders.js",
            "assets/sparkline.js",
            "assets/timeline.js",
            "assets/transports.js",
            "docs/configuration.md",
            "docs/guide.md",
            "docs/lab.md",
            "docs/operations.md",
            "docs/protocol.md");

    /** All there are; {@code index.html} is at {@code /}. Reads them, so ask once. */
    public static List<WebFile> all() {
        return NAMES.stream().map(WebFile::read).toList();
    }

    private static WebFile read(String name) {
        try (InputStream in = WebFile.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException("not on the class path: " + name);
            String path = name.equals("index.html") ? "/" : "/" + name;
            return new WebFile(path, contentType(name), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String contentType(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "svg" -> "image/svg+xml";
            // Browsers show plain text, and offer text/markdown as a download.
            case "md" -> "text/plain; charset=utf-8";
            default -> throw new IllegalArgumentException("no content type for " + name);
        };
    }
}
