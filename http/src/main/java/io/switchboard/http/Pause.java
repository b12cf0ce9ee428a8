package io.switchboard.http;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.nio.channels.WritableByteChannel;

/**
 * Stands between the pieces of a file: the loop looks at its other sockets before it sends the next one. It says to
 * be something that the socket has no room for, once, so that Netty goes on when it hears that there is room.
 */
final class Pause extends AbstractReferenceCounted implements FileRegion {
    private boolean over;

    @Override
    public long transferTo(WritableByteChannel target, long position) {
        over = true;
        return 0;
    }

    @Override
    public long count() {
        return 1;
    }

    @Override
    public long transferred() {
        return over ? 1 : 0;
    }

    @Override
    @SuppressWarnings("deprecation") // an older name of `transferred`, which the interface still has
    public long transfered() {
        return transferred();
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    protected void deallocate() {}

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }
}
