package io.switchboard.http;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/**
 * Counts files by their length among what waits to be sent. Netty counts them as nothing, so that a peer who asks
 * and does not read would have them pile up unseen.
 */
final class FileSizes implements MessageSizeEstimator, MessageSizeEstimator.Handle {
    static final FileSizes INSTANCE = new FileSizes();

    private final Handle others = DefaultMessageSizeEstimator.DEFAULT.newHandle();

    private FileSizes() {}

    @Override
    public Handle newHandle() {
        return this; // it keeps nothing
    }

    @Override
    public int size(Object message) {
        return message instanceof FileRegion file
                ? (int) Math.min(Integer.MAX_VALUE, file.count())
                : others.size(message);
    }
}
