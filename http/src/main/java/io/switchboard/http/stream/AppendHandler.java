package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.outcome.Problems;
import io.switchboard.http.wire.Body;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.SafeInteger;
import io.switchboard.http.wire.StreamHeaders;
import org.jspecify.annotations.Nullable;

/** POST: appends, closes, or both (Durable Streams, sections 5.2 and 5.3). */
final class AppendHandler {
    private final Exchange exchange;

    AppendHandler(Exchange exchange) {
        this.exchange = exchange;
    }

    void handle(ChannelName channel, Request request, Responder responder) {
        boolean close = isTrue(request.header(StreamHeaders.CLOSED));
        ContentType type = null;
        Payloads payloads = Payloads.NONE;
        if (request.body().length > 0) {
            String declared = request.header(HttpHeaderNames.CONTENT_TYPE);
            type = declared == null ? null : ContentType.parse(declared);
            if (type == null) {
                responder.send(Refusals.invalid("An append names the type of its messages in Content-Type."));
                return;
            }
            switch (Body.of(type, request.body())) {
                case Body.Messages(Payloads messages) -> payloads = messages;
                case Body.EmptyArray() -> {
                    responder.send(Refusals.invalid("An append has at least one message; this array is empty."));
                    return;
                }
                case Body.Refused(String sentence) -> {
                    responder.send(Refusals.invalid(sentence));
                    return;
                }
            }
        } else if (!close) {
            responder.send(Refusals.invalid("An append has a body, unless it closes the channel."));
            return;
        }
        String streamSequence = request.header(StreamHeaders.SEQ);
        if (streamSequence != null
                && (streamSequence.isEmpty() || streamSequence.length() > Append.STREAM_SEQUENCE_LENGTH_MAX)) {
            responder.send(
                    Refusals.invalid("Stream-Seq has 1 to " + Append.STREAM_SEQUENCE_LENGTH_MAX + " characters."));
            return;
        }
        Producer producer = null;
        String id = request.header(StreamHeaders.PRODUCER_ID);
        String epoch = request.header(StreamHeaders.PRODUCER_EPOCH);
        String sequence = request.header(StreamHeaders.PRODUCER_SEQ);
        if (id != null || epoch != null || sequence != null) {
            producer = producer(id, epoch, sequence);
            if (producer == null) {
                responder.send(Refusals.invalid(
                        "Producer-Id (1 to 256 characters), Producer-Epoch and Producer-Seq (0 to 2^53 - 1) "
                                + "come together or not at all."));
                return;
            }
        }
        Append append = new Append(
                channel,
                type,
                payloads,
                close,
                producer,
                streamSequence,
                request.access().subject());
        exchange.append(append, responder.loop(), outcome -> responder.send(answer(outcome, append)));
    }

    private static @Nullable Producer producer(@Nullable String id, @Nullable String epoch, @Nullable String sequence) {
        if (id == null || epoch == null || sequence == null) return null;
        if (id.isEmpty() || id.length() > Producer.ID_LENGTH_MAX) return null;
        long e = SafeInteger.parse(epoch);
        long s = SafeInteger.parse(sequence);
        return e == SafeInteger.INVALID || s == SafeInteger.INVALID ? null : new Producer(id, e, s);
    }

    static boolean isTrue(@Nullable String value) {
        return "true".equalsIgnoreCase(value);
    }

    private static Response answer(AppendOutcome outcome, Append append) {
        return switch (outcome) {
            case AppendOutcome.Appended(var into, var block, Offset offset, Tail tail) -> {
                Producer producer = append.producer();
                boolean isNews = producer != null && append.payloads().count() > 0;
                Response response = Response.of(isNews ? 200 : 204).with(StreamHeaders.NEXT_OFFSET, offset.toString());
                if (append.close()) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
                if (producer != null) echo(response, producer.epoch(), producer.sequence());
                yield response;
            }
            case AppendOutcome.Duplicate(Tail tail, long epoch, long highest) -> {
                Response response = Response.of(204)
                        .with(StreamHeaders.NEXT_OFFSET, tail.offset().toString());
                if (tail.closed()) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
                echo(response, epoch, highest);
                yield response;
            }
            case AppendOutcome.StaleEpoch(long current) ->
                refusal(outcome).with(StreamHeaders.PRODUCER_EPOCH, Long.toString(current));
            case AppendOutcome.SequenceGap(long expected, long received) ->
                refusal(outcome)
                        .with(StreamHeaders.PRODUCER_EXPECTED_SEQ, Long.toString(expected))
                        .with(StreamHeaders.PRODUCER_RECEIVED_SEQ, Long.toString(received));
            case AppendOutcome.Closed(Tail tail) ->
                refusal(outcome)
                        .with(StreamHeaders.CLOSED, StreamHeaders.TRUE)
                        .with(StreamHeaders.NEXT_OFFSET, tail.offset().toString());
            case AppendOutcome.TooManyProducers many -> refusal(outcome).with(HttpHeaderNames.RETRY_AFTER, "60");
            case AppendOutcome.TooFast(long afterMillis) ->
                refusal(outcome).with(HttpHeaderNames.RETRY_AFTER, Long.toString(Math.ceilDiv(afterMillis, 1_000L)));
            case AppendOutcome.Failed(var failure) -> Refusals.failed(failure);
            default -> refusal(outcome);
        };
    }

    private static Response refusal(AppendOutcome outcome) {
        Problem problem = Problems.of(outcome);
        if (problem == null) throw new IllegalArgumentException("not a refusal: " + outcome);
        return Response.of(problem);
    }

    private static void echo(Response response, long epoch, long sequence) {
        response.with(StreamHeaders.PRODUCER_EPOCH, Long.toString(epoch))
                .with(StreamHeaders.PRODUCER_SEQ, Long.toString(sequence));
    }
}
