package io.switchboard.cli.channel;

import java.util.Locale;

/** How the messages of a channel are treated, as its content type decides (spec/protocol.md, section 1). */
public enum Kind {
    JSON,
    TEXT,
    BYTES;

    static Kind of(String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (type.equals("application/json")) return JSON;
        return type.startsWith("text/") ? TEXT : BYTES;
    }
}
