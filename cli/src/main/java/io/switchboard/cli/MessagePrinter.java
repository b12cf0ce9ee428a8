package io.switchboard.cli;

import io.switchboard.cli.client.JsonText;
import io.switchboard.cli.client.Kind;
import io.switchboard.cli.client.Message;
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
    boolean print(Message message) {
        if (broken) return false;
        try {
            if (json) printObject(message);
            else printLine(message);
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

    private void printLine(Message message) throws IOException {
        byte[] data = message.data();
        switch (message.kind()) {
            case JSON -> out.write(onOneLine(data));
            case TEXT -> out.write(terminal ? harmless(data) : data);
            case BYTES -> out.write(terminal ? Base64.getEncoder().encode(data) : data);
        }
        if (terminal || message.kind() != Kind.BYTES) out.write('\n');
    }

    private void printObject(Message message) throws IOException {
        write("{\"channel\":" + JsonText.quote(channel) + ",\"offset\":" + JsonText.quote(message.offset()) + ",");
        byte[] data = message.data();
        switch (message.kind()) {
            case JSON -> {
                write("\"data\":");
                out.write(onOneLine(data));
            }
            case TEXT -> write("\"data\":" + JsonText.quote(new String(data, StandardCharsets.UTF_8)));
            case BYTES -> write("\"base64\":\"" + Base64.getEncoder().encodeToString(data) + "\"");
        }
        write("}\n");
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** JSON has line breaks only between its parts, where a blank is as good. */
    private static byte[] onOneLine(byte[] data) {
        byte[] line = data.clone();
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') line[i] = ' ';
        }
        return line;
    }

    /** Whoever publishes has no business with the reader's terminal. */
    private static byte[] harmless(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]|[\\x{80}-\\x{9f}]", "\uFFFD")
                .getBytes(StandardCharsets.UTF_8);
    }
}
