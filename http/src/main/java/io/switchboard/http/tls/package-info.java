/**
 * TLS: certificates and keys from PEM files, checked in words an operator understands, and put to use. It knows
 * neither HTTP nor connections.
 */
@NullMarked
package io.switchboard.http.tls;

import org.jspecify.annotations.NullMarked;
