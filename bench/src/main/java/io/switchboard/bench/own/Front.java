package io.switchboard.bench.own;

import java.util.Locale;

/** What stands between viewers and the server. */
public enum Front {
    /** Nothing. */
    DIRECT,
    /** nginx, as docs/proxies/nginx.conf sets it up. */
    NGINX,
    /** nginx with a cache that readers share, as docs/proxies/nginx-cache.conf sets it up. */
    NGINX_CACHE,
    /** nginx as it comes, with time-outs of its own: what is quiet for 60 s is over. */
    NGINX_BARE;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
