package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;

/** Keeps what it was asked to send: the moments at which each should have gone. */
final class FakeSender implements Sender {
    final List<Long> sent = new ArrayList<>();
    final Duty duty;
    boolean able;
    boolean gone;

    FakeSender(Work work, boolean able) {
        this.duty = new Duty(this, work);
        this.able = able;
    }

    @Override
    public boolean canSend() {
        return able && !gone;
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public void send(long intended) {
        sent.add(intended);
    }

    @Override
    public Duty duty() {
        return duty;
    }
}
