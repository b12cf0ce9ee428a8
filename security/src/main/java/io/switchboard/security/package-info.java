/**
 * What the rooms of tokens, keys and sessions share: how to remember a secret without keeping it.
 * It must not know what the secrets are for.
 */
@NullMarked
package io.switchboard.security;

import org.jspecify.annotations.NullMarked;
