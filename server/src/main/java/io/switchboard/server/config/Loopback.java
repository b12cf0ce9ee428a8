package io.switchboard.server.config;

import java.net.InetAddress;

/** Which addresses only this machine can reach. */
final class Loopback {
    private Loopback() {}

    /** Whether {@code host} is one of them by its own words: no name but {@code localhost} is looked up or believed. */
    static boolean is(String host) {
        if (host.equalsIgnoreCase("localhost")) return true;
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            return InetAddress.ofLiteral(bare).isLoopbackAddress();
        } catch (IllegalArgumentException name) {
            return false;
        }
    }
}
