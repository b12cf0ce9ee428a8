package io.switchboard.bench.own;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How a server of the tool's own is started.
 *
 * @param http the version of HTTP that viewers speak, 1 to 3; through nginx it is 1, as nginx passes no WebSocket over others
 * @param tls whether viewers come over HTTPS, with a certificate that is made for it; over HTTP/3 they do in any case
 * @param connections that it has to take, 1 to 100,000
 * @param flags further settings as they are typed behind {@code serve}, by flag with its dashes; not where it listens and
 *     what it keeps where
 */
public record Launch(int http, boolean tls, Front front, int connections, Map<String, String> flags) {
    private static final int CONNECTIONS_MAX = 100_000;
    /** What the tool needs beside, and what is not gone yet while others come. */
    private static final int CONNECTIONS_BESIDE = 1_000;

    private static final List<String> OURS = List.of(
            "--host",
            "--port",
            "--data",
            "--config",
            "--lab",
            "--dev-tls",
            "--tls-certificate",
            "--tls-key",
            "--http3");

    /** @throws IllegalArgumentException if a flag is none, or is set by this itself */
    public Launch {
        if (http < 1 || http > 3) throw new IllegalArgumentException("http");
        tls |= http == 3;
        if (front != Front.DIRECT) http = 1;
        if (connections < 1 || connections > CONNECTIONS_MAX) throw new IllegalArgumentException("connections");
        for (String flag : flags.keySet()) {
            if (!flag.startsWith("--") || OURS.contains(flag)) throw new IllegalArgumentException("flag " + flag);
        }
        flags = Map.copyOf(flags);
    }

    /** A server as it is, for so many connections. */
    public static Launch plain(int connections) {
        return new Launch(1, false, Front.DIRECT, connections, Map.of());
    }

    /** Whether the server itself speaks TLS: with a front it is the front that does. */
    boolean serverTls() {
        return tls && front == Front.DIRECT;
    }

    /** The command line: this program's own Java, class path and options, so it is this very version that is measured. */
    List<String> command(Path folder) {
        List<String> command = new ArrayList<>();
        command.add(java());
        options().forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Leash.class.getName(), "serve"));
        command.addAll(List.of("--host", "127.0.0.1", "--port", "0", "--lab", "off"));
        command.addAll(List.of("--data", folder.resolve("data").toString()));
        if (serverTls()) {
            command.addAll(List.of(
                    "--tls-certificate", folder.resolve(Certificate.FILE).toString()));
            command.addAll(List.of("--tls-key", folder.resolve(Certificate.KEY).toString()));
        }
        if (http == 3) command.addAll(List.of("--http3", "on"));
        settings().forEach((flag, value) -> {
            command.add(flag);
            command.add(value);
        });
        return command;
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("--drain", "0s");
        settings.put("--limits-connections", String.valueOf(connections + CONNECTIONS_BESIDE));
        settings.put("--limits-connections-per-address", String.valueOf(connections + CONNECTIONS_BESIDE));
        if (front != Front.DIRECT) settings.put("--proxy-trusted", "127.0.0.1");
        settings.putAll(flags);
        return settings;
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static Stream<String> options() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(Launch::isShared);
    }

    // What the server's process is given too: its memory, its collector, its cache of classes.
    private static boolean isShared(String option) {
        return (option.startsWith("-X") && !option.startsWith("-Xlog:gc"))
                || option.startsWith("--enable-native-access")
                || option.startsWith("--sun-misc-unsafe")
                || option.startsWith("-Dio.netty.")
                || option.startsWith("-Dswitchboard.libraries");
    }
}
