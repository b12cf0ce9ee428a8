package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Denials;
import io.switchboard.http.wire.Body;
import io.switchboard.http.wire.ChannelPath;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Rfc3339;
import io.switchboard.http.wire.SafeInteger;
import io.switchboard.http.wire.StreamHeaders;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** PUT: creates a channel or a fork, or finds it as asked for (Durable Streams, sections 4.2 and 5.1). */
final class CreateHandler {
    /** A request's header said something that cannot be. */
    private static final class BadRequest extends Exception {
        private static final long serialVersionUID = 1;

        BadRequest(String sentence) {
            super(sentence, null, false, false);
        }

        Response response() {
            String sentence = getMessage();
            return Refusals.invalid(sentence == null ? "" : sentence);
        }
    }

    private final Exchange exchange;
    private final String prefix;

    /** @param prefix of the paths of channels, with a slash at its end */
    CreateHandler(Exchange exchange, String prefix) {
        this.exchange = exchange;
        this.prefix = prefix;
    }

    void handle(ChannelName channel, Request request, Responder responder) {
        try {
            ContentType type = type(request);
            Expiry expiry = expiry(request);
            Create.Fork fork = fork(request);
            if (fork != null && !Denials.allows(request, Right.READ, fork.source(), responder)) return;
            boolean closed = AppendHandler.isTrue(request.header(StreamHeaders.CLOSED));
            Consumer<Payloads> create = initial -> exchange.create(
                    new Create(
                            channel,
                            type,
                            expiry,
                            closed,
                            initial,
                            fork,
                            request.access().subject()),
                    responder.loop(),
                    outcome -> responder.send(answer(outcome, request, responder)));
            if (request.body().length == 0) {
                create.accept(Payloads.NONE);
            } else if (type != null || fork == null) {
                create.accept(initial(type == null ? ContentType.BINARY : type, request));
            } else {
                inherited(fork.source(), request, responder, create);
            }
        } catch (BadRequest e) {
            responder.send(e.response());
        }
    }

    // The first messages of a fork that names no type are of its source's type.
    private void inherited(ChannelName source, Request request, Responder responder, Consumer<Payloads> create) {
        exchange.find(source, responder.loop(), found -> {
            try {
                ContentType type = found instanceof FindOutcome.Here(Found here)
                        ? here.info().type()
                        : ContentType.BINARY;
                create.accept(initial(type, request));
            } catch (BadRequest e) {
                responder.send(e.response());
            }
        });
    }

    private static @Nullable ContentType type(Request request) throws BadRequest {
        String declared = request.header(HttpHeaderNames.CONTENT_TYPE);
        if (declared == null || declared.isBlank()) return null;
        ContentType type = ContentType.parse(declared);
        if (type == null) throw new BadRequest("Content-Type is no media type.");
        return type;
    }

    private static Payloads initial(ContentType type, Request request) throws BadRequest {
        return switch (Body.of(type, request.body())) {
            case Body.Messages(Payloads payloads) -> payloads;
            case Body.EmptyArray() -> Payloads.NONE;
            case Body.Refused(String sentence) -> throw new BadRequest(sentence);
        };
    }

    private static @Nullable Expiry expiry(Request request) throws BadRequest {
        String ttl = request.header(StreamHeaders.TTL);
        String expiresAt = request.header(StreamHeaders.EXPIRES_AT);
        if (ttl != null && expiresAt != null) {
            throw new BadRequest("A channel has Stream-TTL or Stream-Expires-At, not both.");
        }
        if (ttl != null) {
            long seconds = SafeInteger.parse(ttl);
            if (seconds == SafeInteger.INVALID) {
                throw new BadRequest("Stream-TTL is a number of seconds, 0 to 2^53 - 1, in plain digits.");
            }
            return new Expiry.Sliding(seconds);
        }
        if (expiresAt != null) {
            OptionalLong millis = Rfc3339.parse(expiresAt);
            if (millis.isEmpty()) throw new BadRequest("Stream-Expires-At is an RFC 3339 timestamp.");
            return new Expiry.At(millis.getAsLong(), expiresAt);
        }
        return null;
    }

    private Create.@Nullable Fork fork(Request request) throws BadRequest {
        String source = request.header(StreamHeaders.FORKED_FROM);
        String offset = request.header(StreamHeaders.FORK_OFFSET);
        String subOffset = request.header(StreamHeaders.FORK_SUB_OFFSET);
        if (source == null) {
            if (offset != null || subOffset != null) {
                throw new BadRequest("A fork position needs Stream-Forked-From, the path of the source.");
            }
            return null;
        }
        if (!source.startsWith(prefix)) {
            throw new BadRequest("Stream-Forked-From is the path of a channel here: it begins with " + prefix);
        }
        ChannelName name =
                switch (ChannelPath.parse(source.substring(prefix.length()))) {
                    case ChannelPath.Named(ChannelName named) -> named;
                    case ChannelPath.Refused(String sentence) -> throw new BadRequest(sentence);
                };
        Offset at = null;
        if (offset != null) {
            at = switch (ReadFrom.parse(offset)) {
                case ReadFrom.Earliest earliest -> Offset.ZERO;
                case ReadFrom.At(Offset given) -> given;
                case null, default -> throw new BadRequest("Stream-Fork-Offset is an offset that this server gave.");
            };
        }
        long sub = 0;
        if (subOffset != null) {
            sub = SafeInteger.parse(subOffset);
            if (sub == SafeInteger.INVALID) {
                throw new BadRequest("Stream-Fork-Sub-Offset is a number, 0 to 2^53 - 1, in plain digits.");
            }
        }
        return new Create.Fork(name, at, sub);
    }

    private static Response answer(CreateOutcome outcome, Request request, Responder responder) {
        return switch (outcome) {
            case CreateOutcome.Created(Found found) -> {
                String host = request.header(HttpHeaderNames.HOST);
                String scheme = responder.caller().secure() ? "https://" : "http://";
                yield describe(201, found)
                        .with(HttpHeaderNames.LOCATION, host == null ? request.path() : scheme + host + request.path());
            }
            case CreateOutcome.Existed(Found found) -> describe(200, found);
            case CreateOutcome.Conflict(CreateOutcome.Reason reason) ->
                Response.of(Problem.of(ErrorCode.CONFLICT, sentence(reason)).with("reason", word(reason)));
            case CreateOutcome.SourceNotFound() ->
                Response.of(Problem.of(ErrorCode.NOT_FOUND, "There is no such channel to fork."));
            case CreateOutcome.SourceConflict(CreateOutcome.Reason reason) ->
                Response.of(Problem.of(ErrorCode.CONFLICT, "The source: " + sentence(reason))
                        .with("reason", "source_" + word(reason)));
            case CreateOutcome.BadForkPosition() ->
                Refusals.invalid("The fork offset, with its sub-offset, is no position of the source.");
            case CreateOutcome.Failed(var failure) -> Refusals.failed(failure);
        };
    }

    private static Response describe(int status, Found found) {
        Response response = Response.of(status)
                .with(HttpHeaderNames.CONTENT_TYPE, found.info().type().value())
                .with(StreamHeaders.NEXT_OFFSET, found.tail().offset().toString());
        if (found.tail().closed()) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        return response;
    }

    private static String word(CreateOutcome.Reason reason) {
        return switch (reason) {
            case OTHER_TYPE -> "content_type";
            case OTHER_EXPIRY -> "expiry";
            case OTHER_CLOSURE -> "closure";
            case OTHER_FORK -> "fork";
            case DELETED_BUT_FORKED -> "deleted";
            case FORKED_TOO_DEEP -> "fork_depth";
        };
    }

    private static String sentence(CreateOutcome.Reason reason) {
        return switch (reason) {
            case OTHER_TYPE -> "The channel exists with another Content-Type.";
            case OTHER_EXPIRY -> "The channel exists with another expiry.";
            case OTHER_CLOSURE -> "The channel exists, and one of it and this request is closed.";
            case OTHER_FORK -> "The channel exists and branches off elsewhere.";
            case DELETED_BUT_FORKED -> "The channel was deleted and is kept for its forks.";
            case FORKED_TOO_DEEP -> "Forks of forks go no deeper here; fork one that is nearer to the origin.";
        };
    }
}
