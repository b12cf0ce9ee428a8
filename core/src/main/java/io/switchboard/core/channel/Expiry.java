package io.switchboard.core.channel;

/** When a channel ends by itself. */
public sealed interface Expiry {
    /** It does not. */
    record Never() implements Expiry {
        /** The one that all channels have in common. */
        public static final Never SHARED = new Never();
    }

    /**
     * After so long without a read or a write; a live reader holds it off.
     *
     * @param seconds 0 or more
     */
    record Sliding(long seconds) implements Expiry {}

    /**
     * At a moment.
     *
     * @param epochMillis since 1970-01-01T00:00:00Z
     * @param text the moment as its creator wrote it, an RFC 3339 timestamp
     */
    record At(long epochMillis, String text) implements Expiry {}

    /** The deadline that an access at {@code nowMillis} gives; {@link Long#MAX_VALUE} for none. */
    default long deadlineAfter(long nowMillis) {
        return switch (this) {
            case Never() -> Long.MAX_VALUE;
            case Sliding(long seconds) ->
                seconds > (Long.MAX_VALUE - nowMillis) / 1000 ? Long.MAX_VALUE : nowMillis + seconds * 1000;
            case At(long epochMillis, String text) -> epochMillis;
        };
    }
}
