package io.switchboard.server;

import io.switchboard.server.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;

/** A running server. Threads: start it and stop it from any, but from one at a time. */
public final class Switchboard {
    private final ServerSocket listener;
    private final String url;

    private Switchboard(ServerSocket listener, String url) {
        this.listener = listener;
        this.url = url;
    }

    /** Returns when the server answers requests. */
    public static Switchboard start(Settings settings) throws StartFailure {
        try {
            Files.createDirectories(settings.data());
        } catch (IOException refused) {
            throw new StartFailure("The data folder " + settings.data() + " cannot be created or opened.", refused);
        }
        try {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()));
            return new Switchboard(listener, "http://" + settings.host() + ":" + listener.getLocalPort());
        } catch (IOException refused) {
            throw new StartFailure(
                    "Port " + settings.port() + " on " + settings.host() + " cannot be opened: " + refused.getMessage()
                            + ".",
                    refused);
        }
    }

    /** Where it listens, such as {@code http://127.0.0.1:8080}. */
    public String url() {
        return url;
    }

    /** Returns when everything has ended: after {@code drain}, or as soon as all clients have left. */
    public void stop(Duration drain) {
        try {
            listener.close();
        } catch (IOException alreadyClosed) {
            throw new IllegalStateException(alreadyClosed);
        }
    }
}
