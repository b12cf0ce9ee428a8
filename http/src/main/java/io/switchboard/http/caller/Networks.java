package io.switchboard.http.caller;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Addresses, singly or as networks in CIDR notation (RFC 4632, RFC 4291 section 2.3). Immutable. */
public record Networks(List<Network> all) {
    public static final Networks NONE = new Networks(List.of());
    public static final int NETWORKS_MAX = 1_000;

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
    private static final Pattern BITS = Pattern.compile("\\d{1,3}");

    /**
     * The addresses that have their first bits in common.
     *
     * @param bits 0 to 32, or to 128
     */
    public record Network(InetAddress address, int bits) {
        public Network {
            int all = address.getAddress().length * Byte.SIZE;
            if (bits < 0 || bits > all) throw new IllegalArgumentException("bits: " + bits);
        }

        boolean contains(InetAddress other) {
            byte[] own = address.getAddress();
            byte[] given = other.getAddress();
            if (own.length != given.length) return false;
            for (int bit = 0; bit < bits; bit += Byte.SIZE) {
                int left = Math.min(Byte.SIZE, bits - bit);
                int mask = 0xff << (Byte.SIZE - left);
                if (((own[bit / Byte.SIZE] ^ given[bit / Byte.SIZE]) & mask & 0xff) != 0) return false;
            }
            return true;
        }

        @Override
        public String toString() {
            return address.getHostAddress() + "/" + bits;
        }
    }

    public Networks {
        all = List.copyOf(all);
        if (all.size() > NETWORKS_MAX) throw new IllegalArgumentException("more than " + NETWORKS_MAX + " networks");
    }

    /** @throws IllegalArgumentException if {@code text} is no list of addresses and networks, separated by commas */
    public static Networks parse(String text) {
        List<Network> networks = new ArrayList<>();
        for (String item : text.split(",", -1)) networks.add(network(item.strip()));
        return new Networks(networks);
    }

    private static Network network(String item) {
        int slash = item.indexOf('/');
        InetAddress address = address(slash < 0 ? item : item.substring(0, slash));
        if (address == null) throw new IllegalArgumentException("no address: " + item);
        if (slash < 0) return new Network(address, address.getAddress().length * Byte.SIZE);
        String bits = item.substring(slash + 1);
        if (!BITS.matcher(bits).matches()) throw new IllegalArgumentException("no network: " + item);
        return new Network(address, Integer.parseInt(bits));
    }

    /** The address that {@code literal} stands for, without asking anybody; null if it is none. */
    public static @Nullable InetAddress address(String literal) {
        boolean isLiteral = literal.indexOf(':') < 0
                ? IPV4.matcher(literal).matches()
                : IPV6.matcher(literal).matches();
        if (!isLiteral) return null;
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    public boolean contains(InetAddress address) {
        for (Network network : all) {
            if (network.contains(address)) return true;
        }
        return false;
    }

    @Override
    public String toString() {
        return all.stream().map(Network::toString).collect(Collectors.joining(", "));
    }
}
