package io.switchboard.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A port that leads to another one of this machine, until it is cut. A thread for each direction of each connection. */
final class Cable implements AutoCloseable {
    private static final int BACKLOG = 50;

    private final int to;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private @Nullable ServerSocket entrance; // the test's thread; null while it is cut
    private volatile boolean whole;

    Cable(int to) {
        this.to = to;
        try {
            ServerSocket first = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
            port = first.getLocalPort();
            open(first);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /** Ends all connections; whoever comes is refused. */
    void cut() {
        whole = false;
        close(entrance);
        entrance = null;
        sockets.forEach(Cable::close);
        sockets.clear();
    }

    /** It leads there again. */
    void mend() {
        try {
            ServerSocket again = new ServerSocket();
            again.setReuseAddress(true);
            again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            open(again);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void open(ServerSocket at) {
        entrance = at;
        whole = true;
        Thread.ofVirtual().start(() -> {
            try {
                while (true) connect(at.accept());
            } catch (IOException e) {
                close(at); // cut
            }
        });
    }

    private void connect(Socket near) throws IOException {
        Socket far;
        try {
            far = new Socket(InetAddress.getLoopbackAddress(), to);
        } catch (IOException e) {
            close(near); // nobody is there
            return;
        }
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        sockets.add(near);
        sockets.add(far);
        if (!whole) cut();
        Thread.ofVirtual().start(() -> pass(near, far));
        Thread.ofVirtual().start(() -> pass(far, near));
    }

    private void pass(Socket from, Socket into) {
        try (from;
                into) {
            from.getInputStream().transferTo(into.getOutputStream());
        } catch (IOException e) {
            // one of them was closed, and so is the other
        }
        sockets.remove(from);
        sockets.remove(into);
    }

    private static void close(@Nullable AutoCloseable what) {
        try {
            if (what != null) what.close();
        } catch (Exception e) {
            // it is closed
        }
    }

    @Override
    public void close() {
        cut();
    }
}
