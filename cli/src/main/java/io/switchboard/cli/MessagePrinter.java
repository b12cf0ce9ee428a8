package io.switchboard.cli;

import io.switchboard.cli.channel.Kind;
import io.switchboard.client.Json;
import io.switchboard.client.Message;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Prints messages: each alone on a line, or as a JSON object with its channel and offset. Bytes are printed as they are,
 * end to end, so that a file comes out whole; a terminal gets them in base64, and no control characters in texts.
 */
final class MessagePrinter {
    private final BufferedOutputStream out;
    private final String channel;
    private final boolean json;
    private final boolean terminal;
    private boolean broken;

    MessagePrinter(OutputStream out, String channel, boolean json, boolean terminal) {
        this.out = new BufferedOutputStream(out, 64 * 1024);
        this.channel = channel;
        this.json = json;
        this.terminal = terminal;
    }

    /** Returns whether somebody still reads. */
    boolean print(Message message, Kind kind) {
        if (broken) return false;
        try {
            if (json) printObject(message, kind(message, kind));
            else printLine(message, kind(message, kind));
        } catch (IOException closed) {
            broken = true;
        }
        return !broken;
    }

    /** Returns whether somebody still reads. */
    boolean flush() {
        if (broken) return false;
        try {
            out.flush();
        } catch (IOException closed) {
            broken = true;
        }
        return !broken;
    }

    private void printLine(Message message, Kind kind) throws IOException {
        switch (kind) {
            case JSON -> write(onOneLine(message.json()));
            case TEXT -> write(terminal ? harmless(message.text()) : message.text());
            case BYTES -> out.write(terminal ? Base64.getEncoder().encode(message.bytes()) : message.bytes());
        }
        if (terminal || kind != Kind.BYTES) out.write('\n');
    }

    private void printObject(Message message, Kind kind) throws IOException {
        write("{\"channel\":" + Json.quote(channel) + ",\"offset\":" + Json.quote(message.offset()) + ",");
        switch (kind) {
            case JSON -> write("\"data\":" + onOneLine(message.json()));
            case TEXT -> write("\"data\":" + Json.quote(message.text()));
            case BYTES -> write("\"base64\":\"" + Base64.getEncoder().encodeToString(message.bytes()) + "\"");
        }
        write("}\n");
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    // A channel may be another one than it was when this began: what a message is shows in itself.
    private static Kind kind(Message message, Kind kind) {
        if (message.isBinary()) return Kind.BYTES;
        return kind == Kind.TEXT && message.json().startsWith("\"") ? Kind.TEXT : Kind.JSON;
    }

    /** JSON has line breaks only between its parts, where a blank is as good. */
    private static String onOneLine(String json) {
        return json.replace('\n', ' ').replace('\r', ' ');
    }

    /** Whoever publishes has no business with the reader's terminal. */
    private static String harmless(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]|[\\x{80}-\\x{9f}]", "\uFFFD");
    }
}
