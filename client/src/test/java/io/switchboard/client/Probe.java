package io.switchboard.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Clients that are told what to do by lines of JSON on standard input, and tell what they see in lines of JSON: for tests
 * that look at all our clients alike, clients/js/test/probe.mjs among them, which says what the lines are. It ends with its
 * input.
 */
final class Probe {
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Map<String, Switchboard> clients = new HashMap<>();

    private Probe() {}

    public static void main(String[] arguments) throws Exception {
        Probe probe = new Probe();
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) probe.obey(Json.members(line));
        } finally {
            probe.clients.values().forEach(Switchboard::close);
        }
    }

    private void obey(Map<String, String> command) throws Exception {
        String id = Envelope.text(command, "id");
        String channel = Envelope.text(command, "channel");
        switch (Envelope.text(command, "do")) {
            case "connect" -> connect(id, command);
            case "subscribe" ->
                client(id).channel(channel).subscribe(Envelope.text(command, "from"), new Teller(id, channel));
            case "publish" -> publish(id, channel, command);
            case "close" -> client(id).close();
            default -> throw new IllegalArgumentException("no command of a probe: " + command);
        }
    }

    private Switchboard client(String id) {
        Switchboard client = clients.get(id);
        if (client == null) throw new IllegalArgumentException("no client " + id);
        return client;
    }

    private void connect(String id, Map<String, String> command) throws Exception {
        List<Transport> transports = Json.elements(command.getOrDefault("transports", "[]")).stream()
                .map(Json::unquote)
                .flatMap(word -> Stream.of(Transport.values())
                        .filter(each -> each.toString().equals(word)))
                .toList();
        Options options = Options.defaults()
                .onStatus(status -> tell(
                        id,
                        "state",
                        Json.quote(status.state().name().toLowerCase(java.util.Locale.ROOT)),
                        "transport",
                        status.transport()
                                .map(transport -> Json.quote(transport.toString()))
                                .orElse("null"),
                        "why",
                        Json.quote(status.why())))
                .onError(thrown -> tell(id, "error", Json.quote(thrown.toString())));
        if (!transports.isEmpty()) options = options.transports(transports);
        long heartbeat = Envelope.number(command, "heartbeat");
        if (heartbeat > 0) options = options.heartbeat(Duration.ofMillis(heartbeat));
        long pollEvery = Envelope.number(command, "pollEvery");
        if (pollEvery > 0) options = options.pollEvery(Duration.ofMillis(pollEvery));
        String ca = Envelope.text(command, "ca");
        if (!ca.isEmpty()) {
            // As an application would that has a certificate of its own: with HTTP/2, if the proxy speaks it.
            options = options.httpClient(
                    HttpClient.newBuilder().sslContext(trusting(Path.of(ca))).build());
        }
        clients.put(id, Switchboard.connect(URI.create(Envelope.text(command, "url")), options));
    }

    private static SSLContext trusting(Path certificate) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "test", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private void publish(String id, String channel, Map<String, String> command) {
        String number = command.getOrDefault("number", "0");
        client(id)
                .channel(channel)
                .publish(command.getOrDefault("data", "null"))
                .whenComplete((stored, failed) -> {
                    if (failed == null) tell(id, "stored", number);
                    else tell(id, "failed", number, "code", Json.quote(code(failed)));
                });
    }

    private static String code(Throwable failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause instanceof SwitchboardException refused ? refused.code() : cause.toString();
    }

    /** @param members names and values that are JSON, in turn */
    private void tell(String id, String... members) {
        StringBuilder line = new StringBuilder("{\"id\":").append(Json.quote(id));
        for (int i = 0; i < members.length; i += 2) {
            line.append(",\"").append(members[i]).append("\":").append(members[i + 1]);
        }
        out.println(line.append('}')); // one line at a time: a PrintStream has a lock
    }

    private final class Teller implements Listener {
        private final String id;
        private final String channel;

        Teller(String id, String channel) {
            this.id = id;
            this.channel = Json.quote(channel);
        }

        @Override
        public void onMessage(Message message) {
            tell(id, "channel", channel, "offset", Json.quote(message.offset()), "data", message.json());
        }

        @Override
        public void onGap(Gap gap) {
            tell(id, "channel", channel, "gap", Json.quote(gap.to()));
        }

        @Override
        public void onEnd(End end) {
            tell(id, "channel", channel, "end", Json.quote(end.toString()));
        }
    }
}
