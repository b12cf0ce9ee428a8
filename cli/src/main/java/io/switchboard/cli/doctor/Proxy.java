package io.switchboard.cli.doctor;

/** Kinds of what may stand in front of a server, as far as they are configured in different ways. */
public enum Proxy {
    NGINX("nginx"),
    HAPROXY("HAProxy"),
    CADDY("Caddy"),
    CLOUD("cloud");

    private final String shown;

    Proxy(String shown) {
        this.shown = shown;
    }

    /** As it is shown. */
    @Override
    public String toString() {
        return shown;
    }
}
