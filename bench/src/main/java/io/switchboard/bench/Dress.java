package io.switchboard.bench;

import java.net.URI;

/**
 * The fields of a request that are there because of who asks, beside those that the request needs; each with its line's end.
 *
 * @param fetch of a page's fetch
 * @param events of an EventSource
 * @param socket of a handshake
 * @param post of a page's fetch that sends a body
 */
public record Dress(String fetch, String events, String socket, String post) {
    /** Only what the request needs. */
    static final Dress BARE = new Dress("", "", "", "");

    private static final String AGENT =
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
                    + " HeadlessChrome/156.0.0.0 Safari/537.36\r\n";
    private static final String HINTS = lines(
            "sec-ch-ua-platform: \"Linux\"",
            "sec-ch-ua: \"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"",
            "sec-ch-ua-mobile: ?0");
    private static final String KNOWS =
            lines("Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9");
    private static final String FRESH = lines("Pragma: no-cache", "Cache-Control: no-cache");

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    /**
     * As a page of Chromium asks its own server: the fields that Chromium 156 sent to a socket that wrote them down. With
     * the offer of compression, which a server may decline; a reader here could not read what is compressed.
     */
    static Dress chromium(Target target) {
        return chromium(target.uri());
    }

    /** @param server whose page asks, without a slash at its end */
    public static Dress chromium(URI server) {
        String page = server.toString();
        String site = lines(
                "Sec-Fetch-Site: same-origin",
                "Sec-Fetch-Mode: cors",
                "Sec-Fetch-Dest: empty",
                "Referer: " + page + "/");
        String any = "Accept: */*\r\n";
        String kept = "Connection: keep-alive\r\n";
        String origin = "Origin: " + page + "\r\n";
        return new Dress(
                kept + HINTS + AGENT + any + site + KNOWS,
                kept + FRESH + HINTS + AGENT + site + KNOWS,
                FRESH + AGENT + origin + KNOWS
                        + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
                kept + HINTS + AGENT + any + origin + site + KNOWS);
    }

    /** The same over HTTP/2, where Chromium says how urgent a request is, too; what is of a connection goes by itself. */
    Dress overHttp2() {
        String urgent = lines("Priority: u=1, i");
        return new Dress(fetch + urgent, events + urgent, socket, post + urgent);
    }
}
