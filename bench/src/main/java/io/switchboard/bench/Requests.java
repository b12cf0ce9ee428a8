package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Requests and the paths of channels, as bytes that are made once. */
final class Requests {
    static final String JSON = "application/json";
    static final String BINARY = "application/octet-stream";

    private Requests() {}

    static String stream(String channel) {
        return "/v1/stream/" + channel;
    }

    /** Asks for something that is open to all. */
    static byte[] greeting(Target target) {
        return get(target, "/health/live", "");
    }

    /** @param more fields, each with its line's end */
    static byte[] get(Target target, String path, String more) {
        return (target.request("GET", path) + more + "\r\n").getBytes(US_ASCII);
    }

    static byte[] postHead(Target target, String path, String type, int length) {
        return postHead(target, path, type, length, "");
    }

    /** @param more fields, each with its line's end */
    static byte[] postHead(Target target, String path, String type, int length, String more) {
        return (target.request("POST", path) + "Content-Type: " + type + "\r\nContent-Length: " + length + "\r\n" + more
                        + "\r\n")
                .getBytes(US_ASCII);
    }
}
