package io.switchboard.http.sse;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.wire.StreamHeaders;
import org.jspecify.annotations.Nullable;

/** Opens event streams over one channel that is known to be there. */
public final class EventStreams {
    private final Exchange exchange;
    private final long heartbeatMillis;
    private final long durableMaxAgeMillis;
    private final Ticker ticker;

    /**
     * @param heartbeatMillis a quiet stream shows that it is alive
     * @param durableMaxAgeMillis one of Durable Streams lasts; it ends then, and the client comes back
     */
    public EventStreams(Exchange exchange, long heartbeatMillis, long durableMaxAgeMillis, Ticker ticker) {
        this.exchange = exchange;
        this.heartbeatMillis = heartbeatMillis;
        this.durableMaxAgeMillis = durableMaxAgeMillis;
        this.ticker = ticker;
    }

    /** Plain SSE from {@code from} on. */
    public void plain(ChannelInfo channel, ReadFrom from, Responder responder) {
        open(channel, from, responder, new PlainStream(channel.name(), heartbeatMillis));
    }

    /** Durable Streams' SSE from {@code from} on. */
    public void durable(ChannelInfo channel, ReadFrom from, @Nullable String cursor, Responder responder) {
        long endAt = ticker.nowMillis() + durableMaxAgeMillis;
        open(channel, from, responder, new DurableStream(channel.name(), heartbeatMillis, endAt, ticker, cursor));
    }

    private void open(ChannelInfo channel, ReadFrom from, Responder responder, EventStream stream) {
        Response head = head(heartbeatMillis);
        if (channel.type().kind() == ContentType.Kind.BINARY) head.with(StreamHeaders.SSE_DATA_ENCODING, "base64");
        stream.begin(
                responder.stream(head, stream), exchange.read(channel.name(), from, false, responder.loop(), stream));
    }

    /** The head of every event stream; proxies are asked not to hold it back, and clients told when to wonder. */
    public static Response head(long heartbeatMillis) {
        return Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .with(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with("X-Accel-Buffering", "no")
                .with(StreamHeaders.HEARTBEAT, StreamHeaders.seconds(heartbeatMillis));
    }
}
