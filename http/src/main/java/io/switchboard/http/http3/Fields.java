package io.switchboard.http.http3;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3Headers.PseudoHeaderName;
import io.netty.handler.codec.http3.QpackSensitivityDetector;
import java.util.Map;

/** Fields of heads as HTTP/3 has them (RFC 9114, section 4.2). */
public final class Fields {
    /** What no proxy on the way may keep in a table that others look into (RFC 9204, section 7.1.3). */
    public static final QpackSensitivityDetector SECRETS =
            (name, value) -> HttpHeaderNames.SET_COOKIE.contentEqualsIgnoreCase(name);

    private Fields() {}

    /** Whether each name and value has only characters that it may have; the reader of HTTP/3 does not look at them. */
    public static boolean areWell(Http3Headers fields) {
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            CharSequence name = field.getKey();
            boolean pseudo = PseudoHeaderName.hasPseudoHeaderFormat(name);
            if (!pseudo && (hasUpperCase(name) || HttpHeaderValidationUtil.validateToken(name) >= 0)) return false;
            if (HttpHeaderValidationUtil.validateValidHeaderValue(field.getValue()) >= 0) return false;
        }
        return true;
    }

    private static boolean hasUpperCase(CharSequence name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 'A' && name.charAt(i) <= 'Z') return true;
        }
        return false;
    }
}
