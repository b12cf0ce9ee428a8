package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What came on a stream, and is taken when the stream is about to be opened for other feeds. */
class EventStreamLinkTest {
    private final List<Throwable> bugs = new CopyOnWriteArrayList<>();
    private final Loop loop = new Loop(bugs::add, 1);
    private final Network network = new Network();
    private final Bench bench = new Bench();
    private final EventStreamLink link = new EventStreamLink(
            new Http(network, URI.create("http://switchboard.example"), loop), loop, bench, "", 25_000);
    private final Feed first = new Feed(loop, "c", "a1a5", bench);
    private final Feed later = new Feed(loop, "c", "a1a4", bench);
    private final Feed other = new Feed(loop, "d", "a1a1", bench);

    @BeforeEach
    void begin() throws Exception {
        bench.active.addAll(List.of(first, other));
        onLoop(link::begin);
        settle();
        assertThat(network.asked).containsExactly("a1a5,a1a1");
    }

    @AfterEach
    void end() throws Exception {
        onLoop(link::end);
        loop.end();
        assertThat(bugs).isEmpty();
    }

    private void onLoop(Runnable task) throws Exception {
        CompletableFuture.runAsync(task, loop).get(20, TimeUnit.SECONDS);
    }

    // What a task gives the loop is done after it, and what that gives after that.
    private void settle() throws Exception {
        for (int i = 0; i < 3; i++) onLoop(() -> {});
    }

    private static String message(String channel, String offset) {
        return "data:{\"channel\":\"" + channel + "\",\"offset\":\"" + offset + "\",\"data\":0}\n\n";
    }

    @Test
    void whatComesLateIsNotForAFeedThatTookThePlaceOfAnother() throws Exception {
        Flow.Subscriber<List<ByteBuffer>> body = network.answers(200, "text/event-stream");
        give(body, message("c", "a1a6"));
        settle();
        assertThat(first.cursor().at()).isEqualTo("a1a6");
        onLoop(() -> {
            give(body, message("c", "a1a7") + message("d", "a1a2") + "event:closed\ndata:{\"channel\":\"c\"}\n\n");
            link.unfollow(first);
            link.follow(later);
        });
        settle();
        assertThat(later.cursor().at()).isEqualTo("a1a4");
        assertThat(later.end()).isNull();
        assertThat(other.cursor().at()).isEqualTo("a1a2");
        assertThat(network.asked).containsExactly("a1a5,a1a1", "a1a2,a1a4");
        assertThat(bench.over).isEmpty();
    }

    @Test
    void aRefusalThatComesLateEndsNeitherTheLinkNorALaterFeed() throws Exception {
        Flow.Subscriber<List<ByteBuffer>> body = network.answers(403, "application/problem+json");
        onLoop(() -> {
            give(body, "{\"code\":\"forbidden\",\"channel\":\"c\"}");
            body.onComplete();
            link.unfollow(first);
        });
        settle();
        assertThat(bench.over).isEmpty();
        assertThat(network.asked).containsExactly("a1a5,a1a1", "a1a1");
    }

    @Test
    void aChannelThatIsRefusedTakesNoOtherWithIt() throws Exception {
        Flow.Subscriber<List<ByteBuffer>> body = network.answers(400, "application/problem+json");
        give(body, "{\"code\":\"invalid\",\"detail\":\"no name\",\"channel\":\"c\"}");
        body.onComplete();
        settle();
        assertThat(bench.over).isEmpty();
        End end = first.end();
        assertThat(end == null ? null : end.error().orElseThrow()).hasMessage("no name");
        assertThat(other.end()).isNull();
        onLoop(() -> link.unfollow(first)); // as its owner does
        settle();
        assertThat(network.asked).containsExactly("a1a5,a1a1", "a1a1");
    }

    @Test
    void aStreamIsDeadTenSecondsAfterTheHeartbeatThatItAnnounced() throws Exception {
        Loop quick = new Loop(bugs::add, 20);
        EventStreamLink announced = new EventStreamLink(
                new Http(network, URI.create("http://switchboard.example"), quick), quick, bench, "", 25_000);
        quick.execute(announced::begin);
        Awaiting.until(Recorder.PATIENCE, () -> network.asked.size() == 2, network.asked::toString);
        network.answers(200, "text/event-stream", "1");
        Awaiting.until(Recorder.PATIENCE, () -> !bench.over.isEmpty(), () -> "not over");
        assertThat(bench.over.getFirst().why()).isEqualTo("nothing came for 11 s");
        quick.end();
    }

    private static void give(Flow.Subscriber<List<ByteBuffer>> body, String text) {
        body.onNext(List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }

    private static final class Bench implements Link.Owner, Feed.Owner {
        final List<Feed> active = new ArrayList<>();
        final List<Link.Over> over = new CopyOnWriteArrayList<>();

        @Override
        public void proven(Link link) {}

        @Override
        public void over(Link link, Link.Over how) {
            over.add(how);
        }

        @Override
        public void late(Link link, boolean isLate) {}

        @Override
        public void expiring(Link link) {}

        @Override
        public void accepted() {}

        @Override
        public void refused(String token) {}

        @Override
        public List<Feed> active() {
            return active;
        }

        @Override
        public double random() {
            return 0;
        }

        @Override
        public void resumed(Feed feed) {}

        @Override
        public void paused(Feed feed) {}

        @Override
        public void rewanted(Feed feed) {}

        @Override
        public void ended(Feed feed) {}

        @Override
        public void ended(Reading reading) {}

        @Override
        public void changed() {}
    }

    /** Answers when the test says so, so that bytes come between two tasks of the loop. */
    private static final class Network extends HttpClient {
        /** The ids that streams were asked for with. */
        final List<String> asked = new CopyOnWriteArrayList<>();

        private final List<HttpResponse.BodyHandler<?>> handlers = new CopyOnWriteArrayList<>();

        /** The head of an answer to what was asked last. Returns who takes its body. */
        Flow.Subscriber<List<ByteBuffer>> answers(int status, String type) {
            return answers(status, type, "");
        }

        /** @param heartbeat that it announces */
        Flow.Subscriber<List<ByteBuffer>> answers(int status, String type, String heartbeat) {
            Flow.Subscriber<List<ByteBuffer>> body = handlers.getLast().apply(new HttpResponse.ResponseInfo() {
                @Override
                public int statusCode() {
                    return status;
                }

                @Override
                public HttpHeaders headers() {
                    Map<String, List<String>> fields =
                            Map.of("Content-Type", List.of(type), "Stream-Heartbeat", List.of(heartbeat));
                    return HttpHeaders.of(fields, (name, value) -> true);
                }

                @Override
                public Version version() {
                    return Version.HTTP_1_1;
                }
            });
            body.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
            return body;
        }

        @Override
        public <T> CompletableFuture<HttpResponse<T>> sendAsync(
                HttpRequest request, HttpResponse.BodyHandler<T> handler) {
            handlers.add(handler);
            asked.add(request.headers().firstValue("Last-Event-ID").orElseThrow());
            return new CompletableFuture<>();
        }

        @Override
        public <T> CompletableFuture<HttpResponse<T>> sendAsync(
                HttpRequest request, HttpResponse.BodyHandler<T> handler, HttpResponse.PushPromiseHandler<T> pushes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<CookieHandler> cookieHandler() {
            return Optional.empty();
        }

        @Override
        public Optional<Duration> connectTimeout() {
            return Optional.empty();
        }

        @Override
        public Redirect followRedirects() {
            return Redirect.NEVER;
        }

        @Override
        public Optional<ProxySelector> proxy() {
            return Optional.empty();
        }

        @Override
        public SSLContext sslContext() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SSLParameters sslParameters() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Authenticator> authenticator() {
            return Optional.empty();
        }

        @Override
        public Version version() {
            return Version.HTTP_1_1;
        }

        @Override
        public Optional<Executor> executor() {
            return Optional.empty();
        }
    }
}
