import { graphql } from "relay-runtime";

// A generation's picture or a variant's: its signed address is renewed by itself.
export const picture = graphql`
  fragment Picture_media on Media @refetchable(queryName: "PictureRenewedQuery") {
    name
    url
    urlIdentity
    thumbUrl
    thumbUrlIdentity
    blurhash
    width
    height
    duration
  }
`;
