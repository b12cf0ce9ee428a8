package io.switchboard.http.socket;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.http.Occupation;
import io.switchboard.http.Responder;
import io.switchboard.http.Socket;
import io.switchboard.http.SocketOwner;
import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.Body;
import org.jspecify.annotations.Nullable;

/**
 * A plain WebSocket on a channel: every message arrives exactly as published, and everything the client sends
 * is appended. What cannot be said that way closes it, with a code from the catalogue.
 */
final class ChannelSocket implements Outlet, SocketOwner {
    private final ChannelInfo channel;
    private final @Nullable String subject;
    private final boolean writes;
    private @Nullable ReadFrom from; // until it begins
    private final Exchange exchange;
    private @Nullable Socket socket;
    private @Nullable Reader reader;
    private @Nullable MessageFrames form;

    private ChannelSocket(ChannelInfo channel, Access access, ReadFrom from, Exchange exchange) {
        this.channel = channel;
        this.subject = access.subject();
        this.writes = access.allows(Right.WRITE, channel.name());
        this.from = from;
        this.exchange = exchange;
    }

    static void open(
            ChannelInfo channel,
            Access access,
            ReadFrom from,
            Exchange exchange,
            Handshake handshake,
            Responder responder) {
        responder.upgrade(handshake, null, new ChannelSocket(channel, access, from, exchange));
    }

    @Override
    public void begin(Socket opened) {
        socket = opened;
        form = MessageFrames.of(opened);
        ReadFrom first = from;
        if (first == null) throw new IllegalStateException("begun before");
        from = null;
        reader = exchange.read(channel.name(), first, false, opened.loop(), this);
    }

    private Socket socket() {
        if (socket == null) throw new IllegalStateException("not open");
        return socket;
    }

    // --- what the channel has for the client

    @Override
    public Offer offer(Reader reads, Delivery delivery) {
        Socket to = socket();
        if (form == null || !to.isWritable()) return Offer.FULL;
        to.share(delivery.as(form));
        return Offer.ACCEPTED;
    }

    @Override
    public void caughtUp(Reader reads) {}

    @Override
    public AfterGap gap(Reader reads, Offset from, Offset to) {
        socket().close(CloseCode.GAP, "Messages after " + from + " are gone; go on at " + to + ".");
        return AfterGap.STOP;
    }

    @Override
    public void ended(Reader reads, End end) {
        switch (end) {
            case CLOSED -> socket().close(CloseCode.CHANNEL_CLOSED, "The channel is closed; this was all.");
            case DELETED -> socket().close(CloseCode.NOT_FOUND, "The channel was deleted.");
            case FAILED -> socket().close(CloseCode.TRY_AGAIN_LATER, "The store does not answer now; come back.");
        }
    }

    // --- what the client has for the channel

    @Override
    public void message(boolean text, byte[] bytes) {
        ContentType type = channel.type();
        if (!writes) {
            socket().close(CloseCode.FORBIDDEN, "The token does not allow to write to this channel.");
        } else if (text == (type.kind() == ContentType.Kind.BINARY)) {
            String wanted = text ? "binary" : "text";
            socket().close(CloseCode.UNSUPPORTED_DATA, "The messages of this channel come in " + wanted + " frames.");
        } else if (bytes.length == 0) {
            socket().close(CloseCode.INVALID_PAYLOAD, "A message has at least one byte.");
        } else {
            switch (Body.one(type, bytes)) {
                case Body.Messages(Payloads payloads) -> append(type, payloads, bytes.length);
                case Body.Refused(String sentence) -> socket().close(CloseCode.INVALID_PAYLOAD, sentence);
                case Body.EmptyArray() -> throw new IllegalStateException("one message is not none");
            }
        }
    }

    private void append(ContentType type, Payloads payloads, int bytes) {
        Append append = new Append(channel.name(), type, payloads, false, null, null, subject);
        exchange.append(append, socket().loop(), outcome -> {
            socket().consumed(bytes);
            switch (outcome) {
                case AppendOutcome.Appended appended -> {}
                case AppendOutcome.Closed closed ->
                    socket().close(CloseCode.CHANNEL_CLOSED, "The channel is closed and takes no more messages.");
                case AppendOutcome.NotFound() -> socket().close(CloseCode.NOT_FOUND, "There is no such channel now.");
                case AppendOutcome.Gone() -> socket().close(CloseCode.NOT_FOUND, "The channel was deleted.");
                case AppendOutcome.WrongType wrong ->
                    socket().close(CloseCode.UNSUPPORTED_DATA, "The channel was made anew, with another type.");
                case AppendOutcome.TooFast fast ->
                    socket().close(CloseCode.TOO_MANY, "Too many appends in a second; this one is not stored.");
                case AppendOutcome.Failed failed ->
                    socket().close(CloseCode.TRY_AGAIN_LATER, "The message was not stored; come back.");
                default -> throw new IllegalStateException("not without a producer: " + outcome);
            }
        });
    }

    @Override
    public void writable() {
        if (reader != null) reader.writable();
    }

    @Override
    public void drain(long afterMillis) {}

    @Override
    public void expiring(long millis) {}

    @Override
    public void expire() {
        socket().close(CloseCode.EXPIRED, "The token of this connection has expired.");
    }

    @Override
    public Occupation occupation() {
        boolean lagging = reader != null && reader.state() == Reader.State.LAGGING;
        return Occupation.of("websocket", channel.name().value(), lagging);
    }

    @Override
    public void gone() {
        if (reader != null) reader.close();
    }
}
