package io.switchboard.server;

import io.switchboard.http.lab.Lab;
import io.switchboard.http.lab.Wish;
import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Switch;
import io.switchboard.server.lab.LabProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Whether the page at {@code /} has a lab behind it, and the lab once the server listens. */
final class Laboratory implements Lab, AutoCloseable {
    /** Where the lab's relay listens, whatever port it is given. */
    private static final String RELAYS = " http://127.0.0.1:* ws://127.0.0.1:*";

    private final String why;
    private volatile @Nullable LabProcess process; // from when the server listens on

    private Laboratory(String why) {
        this.why = why;
    }

    static Laboratory of(Settings settings) {
        if (settings.observing().lab() == Switch.OFF) return new Laboratory("The server is configured with lab: off.");
        if (settings.tls().isPresent()) {
            return new Laboratory("Viewers and relay speak plain HTTP, and this port speaks HTTPS alone.");
        }
        if (settings.proxy().protocol() == Switch.ON) {
            return new Laboratory("Viewers and relay send no PROXY header, which proxy.protocol: on asks for.");
        }
        if (!settings.auth().isOn() && !settings.isOnThisMachine()) {
            return new Laboratory("Anybody on the network may do anything here, and this is not for anybody: it takes"
                    + " auth.keys, or a server that only this machine reaches.");
        }
        if (!LabProcess.isThere()) return new Laboratory("This program was put together without the load tool.");
        return new Laboratory("");
    }

    /** Null if there is none. */
    @Nullable
    Lab process() {
        return why.isEmpty() ? this : null;
    }

    /** Why there is none. */
    String why() {
        return why;
    }

    /** What pages may connect to besides the server. */
    String relays() {
        return why.isEmpty() ? RELAYS : "";
    }

    /** The server listens; before, nobody can have wished for anything. */
    void serverAt(URI url) {
        if (why.isEmpty()) process = new LabProcess(reachable(url));
    }

    private static InetSocketAddress reachable(URI url) {
        String host = url.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        try {
            InetAddress address = InetAddress.getByName(bare);
            return new InetSocketAddress(address.isAnyLocalAddress() ? loopback : address, url.getPort());
        } catch (UnknownHostException nameless) {
            return new InetSocketAddress(loopback, url.getPort());
        }
    }

    @Override
    public Sight look() {
        LabProcess there = process;
        return there == null ? new Sight(Stage.RESTING, Wish.NOTHING, null) : there.look();
    }

    @Override
    public void become(Wish wish, @Nullable String token) {
        LabProcess there = process;
        if (there != null) there.become(wish, token);
    }

    @Override
    public void close() {
        LabProcess there = process;
        if (there != null) there.close();
    }
}
