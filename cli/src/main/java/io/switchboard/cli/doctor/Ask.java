package io.switchboard.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request to be sent. One thread. */
final class Ask {
    private final String method;
    private final String path;
    private final List<Head.Field> fields = new ArrayList<>();
    private byte[] body = new byte[0];

    private Ask(String method, String path) {
        this.method = method;
        this.path = path;
    }

    /** @param path with its query, as it stands in a request line, below that of the server */
    static Ask of(String method, String path) {
        return new Ask(method, path);
    }

    static Ask get(String path) {
        return of("GET", path);
    }

    Ask with(String name, String value) {
        fields.add(new Head.Field(name, value));
        return this;
    }

    Ask body(String type, byte[] bytes) {
        body = bytes;
        return with("Content-Type", type).with("Content-Length", String.valueOf(bytes.length));
    }

    String path() {
        return path;
    }

    byte[] bytes(Target target) {
        StringBuilder head = new StringBuilder(method)
                .append(' ')
                .append(target.path(path))
                .append(" HTTP/1.1\r\nHost: ")
                .append(target.authority())
                .append("\r\nUser-Agent: switchboard-doctor\r\n");
        for (Head.Field field : fields) {
            head.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }
}
