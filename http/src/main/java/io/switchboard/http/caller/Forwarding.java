package io.switchboard.http.caller;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What trusted proxies say of whom they speak for: {@code Forwarded} (RFC 7239), or {@code X-Forwarded-For} and
 * {@code X-Forwarded-Proto}. Each proxy writes its client behind what came to it, so the list is read from its end,
 * up to the first address that is not trusted: what stands before, anybody may have written.
 *
 * <p>Whatever is not understood, or is said in both ways and differs, counts for nothing: then the caller is whoever
 * is connected. A proxy that writes one of both leaves the other as the client sent it, so neither wins. Immutable.
 */
public record Forwarding(Networks trusted) {
    private static final AsciiString FORWARDED = AsciiString.cached("Forwarded");
    private static final AsciiString FOR = AsciiString.cached("X-Forwarded-For");
    private static final AsciiString PROTO = AsciiString.cached("X-Forwarded-Proto");

    /** Proxies in a row; what says more is not understood. */
    static final int HOPS_MAX = 32;

    /**
     * What one proxy says of its client.
     *
     * @param scheme as it came; empty if it says nothing of it
     */
    private record Hop(String address, String scheme) {}

    /**
     * @param peer who is connected
     * @param headers of the request
     */
    public Caller caller(Caller peer, HttpHeaders headers) {
        if (!trusted.contains(peer.address())) return peer;
        boolean standard = headers.contains(FORWARDED);
        boolean common = headers.contains(FOR) || headers.contains(PROTO);
        if (!standard && !common) return peer;
        Caller byStandard = standard ? last(peer, forwarded(headers.getAll(FORWARDED))) : peer;
        if (!common) return byStandard;
        Caller byCommon = last(peer, xForwarded(headers));
        return !standard || byStandard.equals(byCommon) ? byCommon : peer;
    }

    private Caller last(Caller peer, @Nullable List<Hop> hops) {
        if (hops == null) return peer;
        Caller caller = peer;
        for (int i = hops.size() - 1; i >= 0 && trusted.contains(caller.address()); i--) {
            Hop hop = hops.get(i);
            boolean anonymous = hop.address().isEmpty();
            InetAddress address = anonymous ? caller.address() : node(hop.address());
            if (address == null) return peer;
            switch (hop.scheme().toLowerCase(Locale.ROOT)) {
                case "" -> caller = new Caller(address, caller.secure());
                case "https", "wss" -> caller = new Caller(address, true);
                case "http", "ws" -> caller = new Caller(address, false);
                default -> {
                    return peer;
                }
            }
            if (anonymous) return caller; // nobody vouches for what stands before
        }
        return caller;
    }

    /** An address, perhaps with a port; IPv6 with a port in brackets. Null for anything else. */
    private static @Nullable InetAddress node(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0 || !isPort(text.substring(end + 1))) return null;
            String literal = text.substring(1, end);
            return literal.indexOf(':') < 0 ? null : Networks.address(literal);
        }
        int colon = text.indexOf(':');
        boolean hasPort = colon >= 0 && colon == text.lastIndexOf(':');
        if (!hasPort) return Networks.address(text);
        return isPort(text.substring(colon)) ? Networks.address(text.substring(0, colon)) : null;
    }

    private static boolean isPort(String text) {
        return text.isEmpty() || text.matches(":\\d{1,5}");
    }

    private static @Nullable List<Hop> xForwarded(HttpHeaders headers) {
        List<String> addresses = items(headers.getAll(FOR));
        List<String> schemes = items(headers.getAll(PROTO));
        if (addresses == null || schemes == null) return null;
        if (addresses.isEmpty()) return List.of(new Hop("", schemes.getLast()));
        List<Hop> hops = new ArrayList<>(addresses.size());
        // Many proxies replace the scheme where they add to the addresses: then the last one is about all of them.
        boolean paired = schemes.size() == addresses.size();
        for (int i = 0; i < addresses.size(); i++) {
            String scheme = schemes.isEmpty() ? "" : paired ? schemes.get(i) : schemes.getLast();
            hops.add(new Hop(addresses.get(i), scheme));
        }
        return hops;
    }

    /** What stands between commas; null if one is empty, or there are too many. */
    private static @Nullable List<String> items(List<String> lines) {
        List<String> items = new ArrayList<>();
        for (String line : lines) {
            for (String item : line.split(",", HOPS_MAX + 2)) {
                if (item.isBlank() || items.size() == HOPS_MAX) return null;
                items.add(item.strip());
            }
        }
        return items;
    }

    private static @Nullable List<Hop> forwarded(List<String> lines) {
        List<Hop> hops = new ArrayList<>();
        for (String line : lines) {
            List<Map<String, String>> elements = ForwardedLine.parse(line, HOPS_MAX);
            if (elements == null) return null;
            for (Map<String, String> element : elements) {
                hops.add(new Hop(element.getOrDefault("for", ""), element.getOrDefault("proto", "")));
            }
            if (hops.size() > HOPS_MAX) return null;
        }
        return hops;
    }
}
