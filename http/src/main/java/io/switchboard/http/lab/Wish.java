package io.switchboard.http.lab;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.http.wire.JsonValue;
import io.switchboard.http.wire.SafeInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that somebody wishes of the lab at once.
 *
 * @param relay whether there shall be one, for pages to read through
 * @param delayMillis of the relay's network, there and back
 * @param lossPercent how many of 100 segments it loses
 * @param stripUpgrade whether it takes {@code Upgrade} out of requests
 * @param plugged false while the plug is pulled, for readers through the relay and for viewers
 * @param viewers how many connections read the channel
 * @param carrier over what
 * @param pollMillis how long viewers who poll wait between two requests
 * @param channel that viewers read
 */
public record Wish(
        boolean relay,
        int delayMillis,
        double lossPercent,
        boolean stripUpgrade,
        boolean plugged,
        int viewers,
        String carrier,
        int pollMillis,
        ChannelName channel) {
    public static final int DELAY_MILLIS_MAX = 5_000;
    public static final int LOSS_PERCENT_MAX = 50;
    public static final int VIEWERS_MAX = 10_000;
    public static final int POLL_MILLIS_MIN = 100;
    public static final int POLL_MILLIS_MAX = 60_000;

    public static final Wish NOTHING =
            new Wish(false, 0, 0, false, true, 0, "sse", 1_000, new ChannelName("lab/ticks"));

    private static final List<String> CARRIERS = List.of("poll", "long-poll", "sse", "websocket");
    private static final Set<String> MEMBERS = Set.of(
            "relay",
            "delayMillis",
            "lossPercent",
            "stripUpgrade",
            "plugged",
            "viewers",
            "carrier",
            "pollMillis",
            "channel");

    /** What came of reading one. */
    sealed interface Result {
        record Good(Wish wish) implements Result {}

        /** @param sentence what is wrong */
        record Refused(String sentence) implements Result {}
    }

    /** Whether it takes no process to fulfil it. */
    public boolean isNothing() {
        return !relay && viewers == 0;
    }

    /** @param otherwise what holds where the body leaves something out */
    static Result parse(byte[] body, Wish otherwise) {
        Map<String, JsonValue> members = JsonValue.members(body);
        if (members == null) return new Result.Refused("A wish is a JSON object that names nothing twice.");
        for (String name : members.keySet()) {
            if (!MEMBERS.contains(name))
                return new Result.Refused("There is no wish of this name: "
                        + (name.matches("[A-Za-z]{1,32}") ? name : "a wish is a word") + ".");
        }
        try {
            return new Result.Good(read(members, otherwise));
        } catch (IllegalArgumentException refused) {
            return new Result.Refused(String.valueOf(refused.getMessage()));
        }
    }

    private static Wish read(Map<String, JsonValue> members, Wish otherwise) {
        JsonValue carrier = members.get("carrier");
        String word = carrier == null ? otherwise.carrier : carrier.text();
        if (word == null || !CARRIERS.contains(word)) {
            throw new IllegalArgumentException("carrier is one of " + String.join(", ", CARRIERS) + ".");
        }
        JsonValue channel = members.get("channel");
        String name = channel == null ? otherwise.channel.value() : channel.text();
        if (name == null) throw new IllegalArgumentException("channel is the name of one.");
        return new Wish(
                isTrue(members.get("relay"), "relay", otherwise.relay),
                count(members.get("delayMillis"), "delayMillis", 0, DELAY_MILLIS_MAX, otherwise.delayMillis),
                percent(members.get("lossPercent"), otherwise.lossPercent),
                isTrue(members.get("stripUpgrade"), "stripUpgrade", otherwise.stripUpgrade),
                isTrue(members.get("plugged"), "plugged", otherwise.plugged),
                count(members.get("viewers"), "viewers", 0, VIEWERS_MAX, otherwise.viewers),
                word,
                count(members.get("pollMillis"), "pollMillis", POLL_MILLIS_MIN, POLL_MILLIS_MAX, otherwise.pollMillis),
                new ChannelName(name));
    }

    private static boolean isTrue(@Nullable JsonValue value, String name, boolean otherwise) {
        if (value == null) return otherwise;
        if (!value.isTrue() && !value.isFalse()) throw new IllegalArgumentException(name + " is true or false.");
        return value.isTrue();
    }

    private static int count(@Nullable JsonValue value, String name, int min, int max, int otherwise) {
        if (value == null) return otherwise;
        long count = value.count();
        if (count == SafeInteger.INVALID || count < min || count > max) {
            throw new IllegalArgumentException(name + " is a number from " + min + " to " + max + ".");
        }
        return (int) count;
    }

    private static double percent(@Nullable JsonValue value, double otherwise) {
        if (value == null) return otherwise;
        double percent = value.number();
        if (!(percent >= 0 && percent <= LOSS_PERCENT_MAX)) {
            throw new IllegalArgumentException("lossPercent is a number from 0 to " + LOSS_PERCENT_MAX + ".");
        }
        return percent;
    }
}
