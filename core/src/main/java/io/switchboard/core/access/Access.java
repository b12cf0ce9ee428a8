package io.switchboard.core.access;

import io.switchboard.core.channel.ChannelName;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who was let in: who, for what, until when. Immutable; one is shared by all connections of a token.
 *
 * @param subject who; null for nobody in particular
 * @param tokenId the token's own name ({@code jti}); null if it has none
 * @param issuedAtMillis when the token was issued, milliseconds since 1970; {@link #UNKNOWN} if it does not say
 * @param expiresAtMillis from when on it counts no more, milliseconds since 1970; {@link #NEVER} for never
 */
public record Access(
        @Nullable String subject, Grants grants, @Nullable String tokenId, long issuedAtMillis, long expiresAtMillis) {
    public static final long UNKNOWN = Long.MIN_VALUE;
    public static final long NEVER = Long.MAX_VALUE;

    /** Everything, by anybody: what a server without authentication gives to all. */
    public static final Access OPEN = new Access(null, Grants.EVERYTHING, null, UNKNOWN, NEVER);

    /** Nothing at all: somebody who has not said yet who it is. */
    public static final Access NONE = new Access(null, Grants.NOTHING, null, UNKNOWN, NEVER);

    public boolean allows(Right right, ChannelName channel) {
        return grants.allow(right, channel);
    }

    public boolean isExpired(long nowMillis) {
        return nowMillis >= expiresAtMillis;
    }
}
