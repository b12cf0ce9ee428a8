package io.switchboard.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The Redis that several servers share.
 *
 * @param urls {@code redis://host:port/database}, or {@code rediss:} for TLS: servers of a cluster, or others, of which
 *     the one that is the primary is used, or sentinels
 * @param sentinel the name by which sentinels know the primary; empty if {@code urls} names no sentinels
 * @param user of its access list; empty for the default one
 * @param passwordFile holds the password; empty for none
 * @param secretFile holds what seals cookies and tickets; empty for a secret that is kept in Redis
 * @param trusted certificates in PEM that its own is signed by; empty for those this machine trusts
 * @param prefix of all keys
 * @param timeout after which an answer is not waited for
 * @param replicas of the primary that have to have an append before it is acknowledged
 */
public record Redis(
        List<String> urls,
        Optional<String> sentinel,
        Optional<String> user,
        Optional<Path> passwordFile,
        Optional<Path> secretFile,
        Optional<Path> trusted,
        String prefix,
        Duration timeout,
        int replicas) {
    public Redis {
        urls = List.copyOf(urls);
    }
}
