package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.AccessFormat;
import io.switchboard.core.access.Grants;
import io.switchboard.http.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cookie with which an {@code EventSource} comes back after its ticket is spent. It holds the access itself, sealed,
 * so that the server keeps nothing for it, and of the access only what may be read: whatever a browser can be made to
 * send by a foreign page changes nothing.
 */
final class ReadingCookie {
    static final String NAME = "switchboard";

    /** Browsers keep cookies of 4,096 bytes; for somebody with more patterns than fit none is set. */
    static final int LENGTH_MAX = 3_800;

    private static final long LIFE_SECONDS_MAX = 400L * 24 * 3_600; // as browsers have it (RFC 6265bis, 5.5)

    private final Seal seal;

    ReadingCookie(Seal seal) {
        this.seal = seal;
    }

    /**
     * The value of {@code Set-Cookie}; null if it would be too long.
     *
     * @param foreign whether the page that asks is of another origin, which browsers have to be told
     */
    @Nullable
    String of(Access access, boolean foreign, long nowMillis) {
        String value = seal.seal(AccessFormat.bytes(reading(access)));
        if (value.length() > LENGTH_MAX) return null;
        long seconds = Math.min(LIFE_SECONDS_MAX, Math.ceilDiv(access.expiresAtMillis() - nowMillis, 1_000L));
        return NAME + "=" + value + "; Path=/; Max-Age=" + seconds + "; Secure; HttpOnly; SameSite="
                + (foreign ? "None" : "Strict");
    }

    /** For whom a request's cookie stands; null without one of ours, or with one of another version of this server. */
    @Nullable
    Access in(Request request) {
        for (String field : request.headers().getAll(HttpHeaderNames.COOKIE)) {
            for (String pair : field.split(";", -1)) {
                String cookie = pair.strip();
                if (!cookie.startsWith(NAME + "=")) continue;
                byte[] bytes = seal.open(cookie.substring(NAME.length() + 1));
                if (bytes != null) return AccessFormat.access(bytes);
            }
        }
        return null;
    }

    private static Access reading(Access access) {
        Grants grants = new Grants(access.grants().read(), List.of(), List.of(), false);
        return new Access(
                access.subject(), grants, access.tokenId(), access.issuedAtMillis(), access.expiresAtMillis());
    }
}
