package io.switchboard.cli.place;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * A channel at a server.
 *
 * @param server without a slash at its end
 * @param channel a name as spec/protocol.md has it, section 1; its characters stand in a path as they are
 */
public record ChannelAddress(URI server, String channel) {
    private static final int SEGMENTS_MAX = 16;
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9\\-_.:@=,~+]{1,128}");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");

    /** @param server such as {@code http://127.0.0.1:8080}; without a scheme it is http */
    public static ChannelAddress of(String server, String channel) throws Failure {
        return new ChannelAddress(server(server), name(channel));
    }

    /** @param server such as {@code http://127.0.0.1:8080}; without a scheme it is http */
    public static URI server(String server) throws Failure {
        String text = server.strip();
        String url = SCHEME.matcher(text).matches() ? text : "http://" + text;
        while (url.endsWith("/")) url = url.substring(0, url.length() - 1);
        try {
            URI uri = new URI(url);
            boolean known = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (known && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawFragment() == null) return uri;
        } catch (URISyntaxException ignored) {
            // Told below, in our words.
        }
        throw new Failure(
                Failure.Kind.USAGE,
                "\"" + text + "\" is not the address of a server; write it like http://127.0.0.1:8080.");
    }

    private static String name(String channel) throws Failure {
        String[] segments = channel.split("/", -1);
        boolean good = segments.length <= SEGMENTS_MAX && !segments[0].equals("__ds");
        for (String segment : segments) {
            good &= SEGMENT.matcher(segment).matches() && !segment.equals(".") && !segment.equals("..");
        }
        if (good) return channel;
        throw new Failure(
                Failure.Kind.USAGE,
                "\"" + channel + "\" is not the name of a channel; a name has 1 to 16 parts joined by /, each of"
                        + " letters, digits and -_.:@=,~+ such as chat/room-1.");
    }
}
