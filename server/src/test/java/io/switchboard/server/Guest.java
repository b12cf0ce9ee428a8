package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Somebody who attends the channel {@code room} at one server, and keeps the picture that he is told. */
final class Guest implements AutoCloseable {
    static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final JsonMapper JSON = new JsonMapper();

    private final FrameClient client;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile Set<String> seen = Set.of();

    Guest(TestServer node, String token) {
        client = FrameClient.open(node.port(), "/live", V1);
        client.text("{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}");
        client.nextText();
        client.text("{\"id\":2,\"action\":\"subscribe\",\"channel\":\"room\",\"presence\":true}");
        client.nextText();
        Thread.ofVirtual().start(this::listen);
    }

    private void listen() {
        while (true) {
            try {
                hear(JSON.readTree(client.nextText()));
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof SocketTimeoutException)) return; // otherwise it is only quiet
            } catch (AssertionError e) {
                return; // the server has closed it
            }
        }
    }

    private void hear(JsonNode news) {
        Set<String> now = new TreeSet<>(seen);
        String event = news.path("event").asString("");
        String member = news.at("/member/id").asString("");
        switch (event) {
            case "presence" -> {
                now.clear();
                news.path("members").forEach(each -> now.add(each.path("id").asString()));
            }
            case "join" -> {
                if (!now.add(member)) told.add("twice: " + member);
            }
            case "leave" -> {
                if (!now.remove(member)) told.add("was not there: " + member);
            }
            default -> {
                return;
            }
        }
        told.add(event + " " + now.size());
        seen = now;
    }

    /** Each thing as a word and the size of the picture after it, and what did not fit. */
    List<String> told() {
        return told;
    }

    Set<String> seen() {
        return seen;
    }

    void sees(int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).hasSize(count));
    }

    @Override
    public void close() {
        client.close();
    }
}
