package io.switchboard.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.AccessFormat;
import io.switchboard.core.access.Grants;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.http.Request;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadingCookieTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final List<ChannelPattern> CHAT = List.of(new ChannelPattern("chat/**"));

    private final Seal seal = new Seal(new byte[Seal.KEY_BYTES], "cookie", new SecureRandom());
    private final ReadingCookie cookie = new ReadingCookie(seal);

    private static Access alice(Grants grants) {
        return new Access("alice", grants, "t-1", NOW - 5_000, NOW + 60_000);
    }

    private @Nullable Access in(String value) {
        HttpHeaders headers = new DefaultHttpHeaders().add("Cookie", "other=1; " + ReadingCookie.NAME + "=" + value);
        return cookie.in(new Request(HttpMethod.GET, "/", "", headers, new byte[0], Access.NONE));
    }

    @Test
    void itKeepsOfAnAccessWhatMayBeRead() {
        String set = Objects.requireNonNull(cookie.of(alice(new Grants(CHAT, CHAT, CHAT, true)), false, NOW));
        assertThat(set).endsWith("; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict");
        String value = set.substring(set.indexOf('=') + 1, set.indexOf(';'));
        assertThat(in(value)).isEqualTo(alice(new Grants(CHAT, List.of(), List.of(), false)));
    }

    @Test
    void patternsThatDoNotFitLeaveNone() {
        List<ChannelPattern> many = Collections.nCopies(ReadingCookie.LENGTH_MAX / 7, CHAT.getFirst());
        assertThat(cookie.of(alice(new Grants(many, List.of(), List.of(), false)), false, NOW))
                .isNull();
    }

    /** The same key outlives the version of the server, and what it sealed then means something else or nothing now. */
    @Test
    void whatAnotherVersionSealedIsNone() {
        byte[] before = ByteBuffer.allocate(26)
                .put((byte) 1)
                .putLong(NOW - 5_000)
                .putLong(NOW + 60_000)
                .put((byte) 0) // no subject
                .put((byte) 0) // no token id
                .putShort((short) 1)
                .putShort((short) 3)
                .put((byte) 'a')
                .put((byte) '/')
                .put((byte) '*')
                .array();
        assertThat(in(seal.seal(before))).isNull();
        byte[] ours = AccessFormat.bytes(alice(Grants.NOTHING));
        assertThat(in(seal.seal(ours))).isEqualTo(alice(Grants.NOTHING));
        ours[0]++;
        assertThat(in(seal.seal(ours))).isNull();
        assertThat(in(seal.seal(new byte[0]))).isNull();
    }
}
