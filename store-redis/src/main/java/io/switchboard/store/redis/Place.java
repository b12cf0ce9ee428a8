package io.switchboard.store.redis;

import java.net.URI;

/** Where a server listens: a name or an address, and a port. */
record Place(String host, int port) {
    private static final int PORT = 6379;

    static Place of(URI uri) {
        String host = uri.getHost();
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return new Place(
                bracketed ? host.substring(1, host.length() - 1) : host, uri.getPort() < 0 ? PORT : uri.getPort());
    }

    /** What a server of a cluster says for a host; where it knows none, that of whoever said it. */
    static String known(String host, Place by) {
        return host.isEmpty() || host.equals("?") ? by.host() : host;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
