package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The server that is measured: looked up once, so that everything goes to the machine that was agreed to.
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
        if (settings.sources() > 1 && !isLoopback4(address)) {
            throw BenchFailure.usage("--sources are addresses of 127.0.0.0/8, so they reach only a server there.");
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : isTls(uri) ? 443 : 80;
        return new Target(
                uri,
                new InetSocketAddress(address, port),
                settings.token(),
                trust(settings.trusted().orElse(null)));
    }

    private static Optional<TrustManagerFactory> trust(@Nullable Path file) throws BenchFailure {
        if (file == null) return Optional.empty();
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) store.setCertificateEntry("trusted" + number++, certificate);
            if (number == 0) throw BenchFailure.usage(file + " holds no certificate.");
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return Optional.of(factory);
        } catch (IOException | GeneralSecurityException unusable) {
            throw BenchFailure.usage("The certificates in " + file + " cannot be read; check that it is a PEM file.");
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
