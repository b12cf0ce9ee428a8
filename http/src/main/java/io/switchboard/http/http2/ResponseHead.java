package io.switchboard.http.http2;

import io.netty.handler.codec.Headers;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;

/** The fields of an answer as HTTP/2 has them: names in lower case, and nothing about the connection. */
public final class ResponseHead {
    /** What no proxy on the way may keep in a table that others look into (RFC 7541, section 7.1.3). */
    public static final SensitivityDetector SECRETS = (name, value) -> HttpHeaderNames.SET_COOKIE.contentEquals(name);

    private static final int FIELDS = 16;
    private static final AsciiString CONTINUE = AsciiString.cached("100");

    private ResponseHead() {}

    /** @param headers made here, or checked */
    public static Http2Headers of(int status, HttpHeaders headers) {
        return add(headers, new DefaultHttp2Headers(false, FIELDS).status(Integer.toString(status)));
    }

    /**
     * Adds what the answer says beside its status.
     *
     * @return {@code fields}
     */
    public static <H extends Headers<CharSequence, CharSequence, H>> H add(HttpHeaders headers, H fields) {
        Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
        while (each.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = each.next();
            AsciiString name = AsciiString.of(field.getKey()).toLowerCase();
            if (!HeadReader.OF_A_CONNECTION.contains(name)) fields.add(name, field.getValue());
        }
        return fields;
    }

    /** What says that the content of a request may come. */
    public static Http2Headers goOn() {
        return new DefaultHttp2Headers(false, 2).status(CONTINUE);
    }
}
