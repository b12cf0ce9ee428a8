package io.switchboard.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.switchboard.core.time.Loop;
import java.util.concurrent.TimeUnit;

/** A Netty event loop as the core sees it. */
public final class NettyLoop implements Loop {
    private final EventLoop eventLoop;

    public NettyLoop(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    @Override
    public void execute(Runnable task) {
        eventLoop.execute(task);
    }

    @Override
    public boolean inLoop() {
        return eventLoop.inEventLoop();
    }

    @Override
    public Timer after(long delayMillis, Runnable task) {
        Future<?> scheduled = eventLoop.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }
}
