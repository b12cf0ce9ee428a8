package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One response after its head, whose body comes piece by piece and ends with the connection: an event stream, or a
 * download. What the peer sends meanwhile means nothing. Belongs to its loop.
 */
final class StreamConnection extends LastingPeer implements Sink {
    private final InetAddress client;
    private final Framing framing;
    private @Nullable Waiting owner; // null once all was said
    private long wakeAtMillis = NEVER;
    private long lastWriteMillis;

    StreamConnection(Connections connections, HttpLimits limits, InetAddress client, Framing framing, Waiting owner) {
        super(connections, limits);
        this.client = client;
        this.framing = framing;
        this.owner = owner;
        lastWriteMillis = nowMillis();
    }

    // --- the connection's life

    @Override
    void look(long now) {
        if (hasStalled(now, pending()) || isSilent(now)) {
            abandon();
        } else if (owner != null && access().isExpired(now)) {
            if (isWritable()) owner.expire();
            else close(); // what waits for it is not for it any more
        } else if (owner != null && now >= wakeAtMillis) {
            wakeAtMillis = NEVER;
            owner.due(now);
        }
    }

    @Override
    @Nullable
    Occupation occupation() {
        return owner == null ? null : owner.occupation();
    }

    @Override
    InetAddress client() {
        return client;
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        if (leaveMillis == 0) leave(backMillis);
        else connections.loop().after(leaveMillis, () -> leave(backMillis - leaveMillis));
    }

    private void leave(long afterMillis) {
        if (owner != null) owner.drain(afterMillis);
    }

    @Override
    public void received(ByteBuf bytes) {}

    @Override
    public void receivedAll() {}

    // Whoever waits for news looks the same as one who left, and is taken for that.
    @Override
    public void inputEnded() {
        close();
    }

    @Override
    public void roomAgain() {
        if (owner != null && isWritable()) owner.writable();
    }

    @Override
    void failed(Throwable cause) {
        if (!isOfThePeer(cause)) log(cause);
        close();
    }

    @Override
    void closed() {
        connections.remove(this);
        Waiting left = owner;
        owner = null;
        if (left != null) left.gone();
    }

    // --- what is sent

    @Override
    public Framing framing() {
        return framing;
    }

    @Override
    public boolean isWritable() {
        return hasRoom();
    }

    @Override
    public void write(ByteBuf framed) {
        if (owner == null) {
            framed.release();
            return;
        }
        lastWriteMillis = nowMillis();
        sent(framed.readableBytes());
        wire().write(framed);
        connections.flushLater(this);
    }

    @Override
    public void share(ByteBuf framed) {
        if (owner == null) return;
        if (sendStraight(framed)) lastWriteMillis = nowMillis();
        else write(framed.retainedDuplicate());
    }

    @Override
    public void end() {
        if (owner == null) return;
        owner = null;
        if (framing == Framing.CHUNKED) {
            wire().write(Unpooled.copiedBuffer("0\r\n\r\n", StandardCharsets.ISO_8859_1));
        }
        wire().finish();
    }

    @Override
    public void wakeAt(long millis) {
        wakeAtMillis = millis;
    }

    @Override
    public long lastWriteMillis() {
        return lastWriteMillis;
    }
}
