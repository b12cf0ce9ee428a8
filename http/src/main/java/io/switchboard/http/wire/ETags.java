package io.switchboard.http.wire;

import java.util.List;

/** Entity tags and the conditions on them (RFC 9110, sections 8.8.3 and 13.1). */
public final class ETags {
    private ETags() {}

    /**
     * Whether one of the tags in {@code ifNoneMatch} is {@code etag}, weakly compared: then the peer has
     * what it asks for. A malformed list ends where it stops making sense.
     *
     * @param ifNoneMatch the values of the header's fields, none, one or several
     * @param etag of the current representation, with its quotes and its {@code W/} if it is weak
     */
    public static boolean matchesAny(List<String> ifNoneMatch, String etag) {
        String wanted = opaque(etag);
        for (String field : ifNoneMatch) {
            if (field.strip().equals("*")) return true;
            int at = 0;
            while (true) {
                at = skipSeparators(field, at);
                if (field.startsWith("W/", at)) at += 2;
                int end = at < field.length() && field.charAt(at) == '"' ? field.indexOf('"', at + 1) : -1;
                if (end < 0) break;
                if (wanted.length() == end + 1 - at && field.startsWith(wanted, at)) return true;
                at = end + 1;
            }
        }
        return false;
    }

    /** Whether both are the same strong tag (RFC 9110, section 8.8.3.2); a date or a weak tag never is. */
    public static boolean sameStrong(String one, String other) {
        return one.length() >= 2 && one.startsWith("\"") && one.endsWith("\"") && one.equals(other);
    }

    private static String opaque(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    private static int skipSeparators(String field, int from) {
        int at = from;
        while (at < field.length() && " \t,".indexOf(field.charAt(at)) >= 0) at++;
        return at;
    }
}
