package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.wire.StreamHeaders;

/** HEAD: what there is to know of a channel, without a message (Durable Streams, section 5.5). */
final class HeadHandler {
    private final Exchange exchange;

    HeadHandler(Exchange exchange) {
        this.exchange = exchange;
    }

    void handle(ChannelName channel, Responder responder) {
        exchange.find(
                channel,
                responder.loop(),
                outcome -> responder.send(
                        switch (outcome) {
                            case FindOutcome.Here(Found found) -> describe(found);
                            case FindOutcome.NotFound() -> Refusals.notFound();
                            case FindOutcome.Gone() -> Refusals.deleted();
                            case FindOutcome.Failed(var failure) -> Refusals.failed(failure);
                        }));
    }

    private static Response describe(Found found) {
        Response response = Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, found.info().type().value())
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .with(StreamHeaders.NEXT_OFFSET, found.tail().offset().toString());
        switch (found.info().expiry()) {
            case Expiry.Never() -> {}
            case Expiry.Sliding(long seconds) -> response.with(StreamHeaders.TTL, Long.toString(seconds));
            case Expiry.At(long millis, String text) -> response.with(StreamHeaders.EXPIRES_AT, text);
        }
        if (FileRead.isFile(found.info(), found.tail())) response.with(HttpHeaderNames.ACCEPT_RANGES, "bytes");
        if (found.tail().closed()) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        return response;
    }
}
