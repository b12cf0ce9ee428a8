package io.switchboard.core.advice;

import io.switchboard.core.channel.ChannelName;

/**
 * What a {@link Sighting} held at one moment. Counts are of the last {@code seconds}, and fade.
 *
 * @param seconds 0 to 3,600
 * @param posts appends by POST
 * @param said appends over sockets
 * @param messages in all of them
 * @param rounds tenths of a second with an append
 * @param largestBytes of a message, rounded down to a power of two, since the channel is observed
 * @param polls reads that went on from an offset
 * @param emptyPolls those of them that brought nothing
 * @param polledMessages that the others brought
 * @param longPolls reads that went on from an offset, and waited if there was nothing
 * @param looks reads that did not go on from an offset
 * @param pagesBehind pages of the log that readers on event streams and sockets were given, as they were behind
 * @param events event streams that read it now
 * @param sockets WebSockets that read it now
 * @param paced those of them that asked for a rate
 * @param everySeconds what the most demanding of those ask for; 0 for none
 */
public record Traffic(
        ChannelName channel,
        double seconds,
        double posts,
        double said,
        double messages,
        double rounds,
        double bytesPerMessage,
        long largestBytes,
        double polls,
        double emptyPolls,
        double polledMessages,
        double longPolls,
        double looks,
        double pagesBehind,
        int events,
        int sockets,
        int paced,
        double everySeconds) {
    /** Of a channel of which nothing was seen. */
    public static Traffic none(ChannelName channel) {
        return new Traffic(channel, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    public double appends() {
        return posts + said;
    }

    /** What a count is in an hour; 0 while no time has passed. */
    public double perHour(double count) {
        return seconds > 0 ? count / seconds * 3_600 : 0;
    }
}
