package io.switchboard.cli.doctor;

import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is looked at: a server, or one of its channels.
 *
 * @param server http or https, without a slash at its end
 */
public record Target(URI server, Optional<String> channel) {
    private static final String STREAM = "/v1/stream/";
    private static final Pattern WEBSOCKET = Pattern.compile("^[wW][sS](?=[sS]?://)");
    private static final Pattern LIVE = Pattern.compile("/live/?$");

    /** @param url of a server, of its {@code /live}, or of a channel; ws and wss are taken for http and https */
    public static Target of(String url) throws Failure {
        String text = LIVE.matcher(WEBSOCKET.matcher(url.strip()).replaceFirst("http"))
                .replaceFirst("");
        int at = text.indexOf(STREAM);
        Target target;
        if (at < 0) {
            target = new Target(ChannelAddress.server(text), Optional.empty());
        } else {
            ChannelAddress address = ChannelAddress.of(text.substring(0, at), text.substring(at + STREAM.length()));
            target = new Target(address.server(), Optional.of(address.channel()));
        }
        if (target.server.getRawUserInfo() != null) {
            throw new Failure(
                    Failure.Kind.USAGE,
                    "A URL with a name or a password in it ends up in logs and in histories; give it without.");
        }
        return target;
    }

    /** For people. */
    public String url() {
        return server + channel.map(name -> STREAM + name).orElse("");
    }

    boolean isSecure() {
        return "https".equalsIgnoreCase(server.getScheme());
    }

    /** A name or an address, the latter without brackets. */
    String host() {
        String host = server.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        if (server.getPort() >= 0) return server.getPort();
        return isSecure() ? 443 : 80;
    }

    /** The value of the field {@code Host}. */
    String authority() {
        String host = server.getHost().toLowerCase(Locale.ROOT);
        return server.getPort() >= 0 ? host + ":" + server.getPort() : host;
    }

    /** What stands in a request line. */
    String path(String below) {
        return server.getRawPath() + below;
    }

    static String stream(String channel) {
        return STREAM + channel;
    }
}
