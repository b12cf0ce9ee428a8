package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;

/**
 * The server that is measured. It is looked up once for the load, and again for what goes beside it: so without anybody's
 * word that the server is his own, its address is one that leads nowhere else the next time.
 *
 * @param trust whom to believe over TLS; empty for the system's authorities
 */
record Target(URI uri, InetSocketAddress address, Optional<String> token, Optional<TrustManagerFactory> trust) {
    /** @throws BenchFailure if it cannot be found, or is on another machine and nobody said whose it is */
    static Target of(Settings settings) throws BenchFailure {
        URI uri = settings.server();
        String host = uri.getHost();
        if (host == null) throw BenchFailure.usage("\"" + uri + "\" is not the address of a server.");
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetAddress address;
        try {
            address = InetAddress.getByName(bare);
        } catch (UnknownHostException unknown) {
            throw BenchFailure.failed("There is no host " + bare + ".");
        }
        if (!address.isLoopbackAddress() && !settings.owned()) {
            throw BenchFailure.usage(bare + " is another machine than this one, and a load test of somebody else's"
                    + " server is an attack. If it is yours, say --i-own-this-server.");
        }
        if (!settings.owned() && !isFixed(bare)) {
            throw BenchFailure.usage(
                    bare + " is a name, which may lead to another machine the next time: give 127.0.0.1"
                            + " or localhost. If all it leads to is yours, say --i-own-this-server.");
        }
        if (settings.sources() > 1 && !isLoopback4(address)) {
            throw BenchFailure.usage("--sources are addresses of 127.0.0.0/8, so they reach only a server there.");
        }
        Optional<TrustManagerFactory> trust = settings.trusted().isEmpty()
                ? Optional.empty()
                : Optional.of(Trust.in(settings.trusted().get()));
        return new Target(uri, new InetSocketAddress(address, port(uri)), settings.token(), trust);
    }

    /** Whether it is an address itself, or the one name that is this machine everywhere (RFC 6761, section 6.3). */
    static boolean isFixed(String host) {
        if (host.equalsIgnoreCase("localhost")) return true;
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    private static boolean isTls(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    private static boolean isLoopback4(InetAddress address) {
        return address.isLoopbackAddress() && address.getAddress().length == 4;
    }

    boolean isTls() {
        return isTls(uri);
    }

    String scheme() {
        return isTls() ? "https" : "http";
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : isTls(uri) ? 443 : 80;
    }

    /** Whether it is on the machine of this tool. */
    boolean isHere() {
        return address.getAddress().isLoopbackAddress();
    }

    /** Whether something is at the very same place as the server: nobody else listens there and sees its token. */
    boolean isAt(URI other) {
        return isTls() == isTls(other) && host().equalsIgnoreCase(other.getHost()) && port(uri) == port(other);
    }

    boolean hasSources() {
        return isLoopback4(address.getAddress());
    }

    String host() {
        return uri.getHost();
    }

    /** Where requests go to, should the address have a path of its own. */
    String path(String path) {
        return (uri.getRawPath() == null ? "" : uri.getRawPath()) + path;
    }

    /** The first lines of a request: method, path, Host, and the token. More fields and the empty line may follow. */
    String request(String method, String path) {
        String port = uri.getPort() >= 0 ? ":" + uri.getPort() : "";
        return method + " " + path(path) + " HTTP/1.1\r\nHost: " + host() + port + "\r\n"
                + token.map(shown -> "Authorization: Bearer " + shown + "\r\n").orElse("");
    }

    byte[] handshake(String path, String more) {
        return (request("GET", path) + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: " + SocketPeer.KEY + "\r\n" + more + "\r\n")
                .getBytes(US_ASCII);
    }
}
