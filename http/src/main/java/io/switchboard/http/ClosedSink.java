package io.switchboard.http;

import io.netty.buffer.ByteBuf;

/** What is written here goes nowhere: the client has left, or wanted the head alone. */
enum ClosedSink implements Sink {
    INSTANCE;

    @Override
    public Framing framing() {
        return Framing.BARE;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public void write(ByteBuf framed) {
        framed.release();
    }

    @Override
    public void share(ByteBuf framed) {}

    @Override
    public void end() {}

    @Override
    public void wakeAt(long millis) {}

    @Override
    public long lastWriteMillis() {
        return 0;
    }
}
