package io.switchboard.bench;

import org.HdrHistogram.Histogram;

/** A viewer's other connection, on which it says something by POST now and then. */
final class Speaker extends PostSender {
    private final Histogram acknowledged;

    /** @param acknowledged how long each took to be taken, in nanoseconds; of the lane */
    Speaker(
            Lane lane,
            Fleet fleet,
            Target target,
            Work work,
            byte[] head,
            int publisher,
            long epoch,
            Histogram acknowledged) {
        super(lane, fleet, target, work, head, publisher, epoch, false);
        this.acknowledged = acknowledged;
    }

    @Override
    boolean isReader() {
        return true; // it is one's other half
    }

    @Override
    void request(long intended) {
        lane.requests++;
        super.request(intended);
    }

    @Override
    void answerDone() {
        lane.took(acknowledged, intended(), now);
    }
}
